package io.storeit.server.http;

/**
 * A part of a list.
 *
 * @param limit  how many at most, or -1 for all
 * @param offset how many are left out before them
 */
public record Page(long limit, long offset) {
    /** As SQLite spells it. */
    static final long NO_LIMIT = -1;

    public static final Page ALL = new Page(NO_LIMIT, 0);
}
