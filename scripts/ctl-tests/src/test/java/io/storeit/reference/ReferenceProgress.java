package io.storeit.reference;

/** What a job reports while it runs; the same numbers go to the log of the commands and into the status of a backup job. */
interface ReferenceProgress {
    void total(long steps);

    void done(long steps);

    /** As the commands report it: the start, the size, every hundredth step and the last. */
    static ReferenceProgress toLog(ReferenceLog log) {
        log.info("import status: running");
        return new ReferenceProgress() {
            private long total;

            @Override
            public void total(long steps) {
                total = steps;
                log.info("import: %d items to process".formatted(steps));
            }

            @Override
            public void done(long steps) {
                if (steps % 100 == 0 || steps == total) {
                    log.info("import: %d/%d".formatted(steps, total));
                }
            }
        };
    }
}
