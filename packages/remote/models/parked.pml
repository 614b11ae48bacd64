/* The waking of a parked sender: src/threads/host/host-outlet.ts and src/account/inbox.ts. The sender marks the port as
   parked and then looks again; the home gives a place back and then looks at the mark. Nobody waits beside a free place.
   Fault: LOOK_FIRST, the sender looks before it marks. */

#define LIMIT 1

byte depth = LIMIT;
bool parked = false, told = false, sent = false;

proctype Sender() {
#ifdef LOOK_FIRST
  if
  :: depth < LIMIT -> depth++; sent = true; goto end
  :: else
  fi;
  parked = true;
#else
  parked = true;
  if
  :: depth < LIMIT -> depth++; parked = false; sent = true; goto end
  :: else
  fi;
#endif
  told -> told = false;
  if
  :: depth < LIMIT -> depth++; parked = false; sent = true
  :: else
  fi;
end: skip
}

proctype Home() {
  depth--;
  if
  :: parked -> told = true
  :: else
  fi
}

init { atomic { run Sender(); run Home() } }
ltl woken { <> sent }
