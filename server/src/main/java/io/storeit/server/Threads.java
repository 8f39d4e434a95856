package io.storeit.server;

import io.storeit.server.http.Workers;

/**
 * The threads that requests run on. Each kind of work has its own, so that many requests of one kind do not hold up the others.
 *
 * @param passwords check passwords
 * @param waiting   wait for the end of a job
 * @param pictures  make and send pictures
 * @param writes    run the requests that change something
 * @param uploads   receive large bodies
 */
record Threads(Workers passwords, Workers waiting, Workers pictures, Workers writes, Workers uploads) implements AutoCloseable {
    /** Two checks at a time keep two processors and 40 MiB busy. */
    private static final int PASSWORD_CHECKS = 2;
    private static final int PASSWORD_CHECKS_WAITING = 64;
    private static final int WAITING = 4;
    /** Some of the requested pictures have to be made first, one at a time; the others are only sent. */
    private static final int PICTURES = 4;
    private static final int PICTURES_WAITING = 256;
    /** The writes that may share one commit. */
    private static final int WRITES = 16;
    private static final int UPLOADS = 8;
    /** The requests that may wait for one of these threads; further ones are answered 503. */
    private static final int LONGEST_LINE = 1024;

    static Threads start() {
        return new Threads(
                new Workers("passwords", PASSWORD_CHECKS, PASSWORD_CHECKS_WAITING),
                new Workers("waiting", 1, WAITING),
                new Workers("pictures", PICTURES, PICTURES_WAITING),
                new Workers("writes", WRITES, LONGEST_LINE),
                new Workers("uploads", UPLOADS, LONGEST_LINE));
    }

    @Override
    public void close() {
        passwords.close();
        waiting.close();
        pictures.close();
        writes.close();
        uploads.close();
    }
}
