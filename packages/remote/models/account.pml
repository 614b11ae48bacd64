/* One message in a port whose home may be lost between any two stores: src/account/shared-account.ts.
   Each store is one step. The home notes what it is about to do, writes the state of the frame and then the counts, as
   absolute values; whoever takes over completes what is noted. Faults: COUNTS_FIRST, LOST_AGAIN, TWICE. */

#define QUEUED 0
#define HELD 1
#define SETTLED 2
#define NONE 0
#define TAKE 1
#define TAKE_AGAIN 2
#define DONE 3
#define REQUEUE 4

byte state = QUEUED;
bool again = false;
byte released = 0, held = 0, waits = 0, done = 0;   /* counts: left the queue, in flight, again, done */
byte step = NONE, toReleased, toHeld, toWaits, toDone, toState;
bool toAgain;
bool lost = false;
byte losses = 0, tries = 0;

inline mayBeLost() { if :: losses < 2 -> lost = true; losses++ :: true -> skip fi; if :: lost -> goto gone :: else fi }

proctype Home() {
  byte op;
work:
  if
  :: state == QUEUED && !again -> op = TAKE
  :: state == QUEUED && again -> op = TAKE_AGAIN
  :: state == HELD -> op = DONE
  :: state == HELD && tries < 2 -> op = REQUEUE; tries++
  :: state == SETTLED -> goto end
  fi;
  toReleased = released + (op == TAKE -> 1 : 0);
  toHeld = held + ((op == TAKE || op == TAKE_AGAIN) -> 1 : 0) - ((op == DONE || op == REQUEUE) -> 1 : 0);
  toWaits = waits + (op == REQUEUE -> 1 : 0) - (op == TAKE_AGAIN -> 1 : 0);
  toDone = done + (op == DONE -> 1 : 0);
  toState = ((op == TAKE || op == TAKE_AGAIN) -> HELD : (op == DONE -> SETTLED : QUEUED));
#ifdef LOST_AGAIN
  toAgain = false;
#else
  toAgain = (op == REQUEUE || again);
#endif
  mayBeLost();
#ifdef COUNTS_FIRST
  held = toHeld; mayBeLost(); done = toDone; mayBeLost();
#endif
  step = op; mayBeLost();
  again = toAgain; mayBeLost();
  state = toState; mayBeLost();
  released = toReleased; mayBeLost();
  held = toHeld; mayBeLost();
  waits = toWaits; mayBeLost();
  done = toDone; mayBeLost();
  step = NONE;
  mayBeLost();
  goto work;
gone:
  run Heir();
end: skip
}

proctype Heir() {
  atomic {
    if
    :: step != NONE ->
       again = toAgain; state = toState;
#ifdef TWICE
       released = released + (step == TAKE -> 1 : 0);
#else
       released = toReleased;
#endif
       held = toHeld; waits = toWaits; done = toDone; step = NONE
    :: else
    fi;
    /* the message is counted where it is, once */
    assert(held == (state == HELD -> 1 : 0));
    assert(waits == ((state == QUEUED && again) -> 1 : 0));
    assert(done == (state == SETTLED -> 1 : 0));
    assert(released == ((state == QUEUED && !again) -> 0 : 1));
    lost = false
  };
  run Home()
}

init { run Home() }
ltl settled { <> (state == SETTLED && step == NONE && done == 1 && released == 1 && held == 0 && waits == 0) }
