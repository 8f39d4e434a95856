package io.storeit.server.entity;

import io.storeit.server.http.Request;

/**
 * A part of a list.
 *
 * @param limit  the most entries, or -1 for all
 * @param offset how many entries before them are omitted
 */
public record Page(long limit, long offset) {
    /** SQLite's spelling of no limit. */
    private static final long NO_LIMIT = -1;

    public static final Page ALL = new Page(NO_LIMIT, 0);

    /** Reads {@code limit} and {@code offset} from the query; without them the page is the whole list. */
    public static Page of(Request request) {
        return new Page(request.queryNumber("limit").orElse(NO_LIMIT), request.queryNumber("offset").orElse(0));
    }
}
