package io.storeit.server.search;

import io.storeit.interchange.sqlite.SearchQuery;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import java.util.List;
import java.util.Map;

/** Answers searches. */
public final class SearchRoutes {
    private static final int LIMIT = 20;
    /** The most hits of an answer, also when a client asks for more. */
    private static final int HIGHEST_LIMIT = 1000;

    private final SearchRepository index;

    public SearchRoutes(SearchRepository index) {
        this.index = index;
    }

    public Response search(Request request) {
        SearchQuery query = SearchQuery.of(request.requiredQuery("q"));
        int limit = (int) Math.min(request.queryNumber("limit").orElse(LIMIT), HIGHEST_LIMIT);
        List<SearchRepository.Hit> results = index.search(request.caller().group(), query, limit);
        return Response.ok(Map.of("results", results));
    }
}
