/* The doorbell of a thread: src/ring/bell.ts. Two writers publish and ring; the owner answers, looks, and sleeps only if
   nobody has rung since. Everything that is written is read. Fault: NO_RING_CHECK, sleeping without a look at the bell. */

#define AWAKE 0
#define RUNG 1
#define ASLEEP 2
#define EACH 2

byte bell = AWAKE, written = 0, seen = 0, posted = 0;

proctype Writer() {
  byte before, i;
  for (i : 1 .. EACH) {
    written++;
    if
    :: bell == RUNG -> skip
    :: else -> atomic { before = bell; bell = RUNG };
       if :: before == ASLEEP -> posted++ :: else fi
    fi
  }
}

proctype Owner() {
  do
  :: seen < 2 * EACH ->
     bell = AWAKE;
     seen = written;
#ifdef NO_RING_CHECK
     bell = ASLEEP;
     posted > 0 -> posted--
#else
     if
     :: atomic { bell == AWAKE -> bell = ASLEEP };
        if
        :: seen == 2 * EACH -> break
        :: posted > 0 -> posted--
        fi
     :: bell != AWAKE -> skip
     fi
#endif
  :: else -> break
  od
}

init { atomic { run Writer(); run Writer(); run Owner() } }
ltl read { <> (seen == 2 * EACH) }
