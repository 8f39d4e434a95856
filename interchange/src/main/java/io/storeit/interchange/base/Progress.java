package io.storeit.interchange.base;

/** What a caller learns while work runs. Called from the thread that works, often: implementations must be cheap. */
public interface Progress {

    /** A progress nobody looks at. */
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

    /** What is being done now, in words for a person: "reading items". */
    void status(String status);

    /** How many steps there are in all; may be corrected while work runs. */
    void total(long steps);

    /** How many steps are done, counted from the start and never more than the total. */
    void done(long steps);
}
