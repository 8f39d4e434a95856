package io.storeit.server.item;

import io.storeit.server.Problem;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import java.io.IOException;

/** Answers the requests about items, also those that find them by where they are. */
public final class ItemRoutes {
    private final ItemRepository items;

    public ItemRoutes(ItemRepository items) {
        this.items = items;
    }

    public Response get(Request request) {
        String id = request.id("id");
        return Response.ok(items.find(request.caller().group(), id).orElseThrow(() -> Problem.notFound("item", id)));
    }

    public Response listInContainer(Request request) {
        return Response.ok(items.listInContainer(request.caller().group(), request.id("id")));
    }

    public Response create(Request request) throws IOException {
        return Response.created(items.insert(request.caller().group(), NewItem.of(request.json())));
    }
}
