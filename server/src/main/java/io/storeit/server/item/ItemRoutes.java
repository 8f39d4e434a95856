package io.storeit.server.item;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Fields;
import io.storeit.server.entity.Page;
import io.storeit.server.entity.Place;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.item.ItemRepository.NewItem;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.util.List;

/** Answers the requests about items, including those that list them by their place. */
public final class ItemRoutes {
    private final ItemRepository items;

    public ItemRoutes(ItemRepository items) {
        this.items = items;
    }

    public Response list(Request request) {
        return Response.ok(items.list(request.caller().group(), Page.of(request)));
    }

    public Response listInContainer(Request request) {
        return listAt(request, EntityType.CONTAINER);
    }

    public Response listAtLocation(Request request) {
        return listAt(request, EntityType.LOCATION);
    }

    private Response listAt(Request request, EntityType type) {
        return Response.ok(items.listAt(request.caller().group(), new Place(type, request.id("id"))));
    }

    public Response get(Request request) {
        String id = request.id("id");
        return Response.ok(items.find(request.caller().group(), id).orElseThrow(() -> Problem.notFound("item", id)));
    }

    public Response create(Request request) throws IOException {
        return Response.created(items.insert(request.caller().group(), List.of(newItem(request.json()))).get(0));
    }

    public Response createBatch(Request request) throws IOException {
        List<NewItem> newItems = request.jsonList().stream().map(ItemRoutes::newItem).toList();
        return Response.created(items.insert(request.caller().group(), newItems));
    }

    public Response update(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(items.update(request.caller().group(), id, Fields.ITEM.ofUpdate(request.json())));
    }

    public Response move(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(items.move(request.caller().group(), id, Place.of(request.json(), "target", "")));
    }

    public Response delete(Request request) {
        items.delete(request.caller().group(), request.id("id"));
        return Response.noContent();
    }

    private static NewItem newItem(JsonBody body) {
        ObjectNode values = Fields.ITEM.ofNew(body);
        return new NewItem(Place.of(body, "parent", ""), values);
    }
}
