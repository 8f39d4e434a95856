package io.storeit.server.search;

import io.storeit.server.Problem;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import java.util.List;
import java.util.Map;

/** Answers searches. */
public final class SearchRoutes {
    private static final long LIMIT = 20;
    /** Nobody looks through more; asking for more gets so many. */
    private static final long HIGHEST_LIMIT = 1000;
    /** Numbers of 32 bits, as in the contract. */
    private static final long HIGHEST_NUMBER = (1L << 32) - 1;

    private final SearchRepository index;

    public SearchRoutes(SearchRepository index) {
        this.index = index;
    }

    public Response search(Request request) {
        SearchQuery query = SearchQuery.of(request.requiredQuery("q"));
        int limit = request.query("limit").map(SearchRoutes::limit).orElse((int) LIMIT);
        List<SearchRepository.Hit> results = index.search(request.caller().group(), query, limit);
        return Response.ok(Map.of("results", results));
    }

    private static int limit(String text) {
        try {
            long limit = Long.parseLong(text);
            if (limit >= 0 && limit <= HIGHEST_NUMBER) {
                return (int) Math.min(limit, HIGHEST_LIMIT);
            }
        } catch (NumberFormatException e) {
            // Answered as every other wrong limit.
        }
        throw Problem.invalidRequest("invalid query: limit must be a number from 0 to " + HIGHEST_NUMBER + ", not '" + text + "'");
    }
}
