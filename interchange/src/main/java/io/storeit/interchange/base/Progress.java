package io.storeit.interchange.base;

/** Receives reports while work runs. Called from the thread that works, often: implementations must be cheap. */
public interface Progress {

    /** Ignores every report. */
    Progress NONE = new Progress() {
        @Override
        public void status(String status) {
        }

        @Override
        public void total(long steps) {
        }

        @Override
        public void done(long steps) {
        }
    };

    /** Reports the current activity in words for a person: "reading items". */
    void status(String status);

    /** Reports the total number of steps; it may be corrected while work runs. */
    void total(long steps);

    /** Reports how many steps are done, counted from the start and never more than the total. */
    void done(long steps);
}
