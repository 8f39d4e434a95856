package io.storeit.server.tag;

import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Place;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;

/** Answers the requests about NFC tags and printed labels. */
public final class TagRoutes {
    private final TagRepository tags;

    public TagRoutes(TagRepository tags) {
        this.tags = tags;
    }

    public Response list(Request request) {
        return Response.ok(tags.list(request.caller().group()));
    }

    public Response get(Request request) {
        return Response.ok(tags.get(request.caller().group(), request.id("id")));
    }

    public Response create(Request request) throws IOException {
        return Response.created(tags.insert(request.caller().group(), request.json().text("tag_uri")));
    }

    public Response registerAndAssign(Request request) throws IOException {
        JsonBody body = request.json();
        String uri = body.text("tag_uri");
        return Response.created(tags.insertAndAssign(request.caller().group(), uri, target(body)));
    }

    public Response assign(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(tags.assign(request.caller().group(), id, target(request.json())));
    }

    /** Removes the assignment. Clients send a body, which is ignored. */
    public Response unassign(Request request) {
        tags.unassign(request.caller().group(), request.id("id"));
        return Response.noContent();
    }

    public Response delete(Request request) {
        tags.delete(request.caller().group(), request.id("id"));
        return Response.noContent();
    }

    public Response resolve(Request request) {
        return Response.ok(tags.resolve(request.caller().group(), request.lastPathSegment()));
    }

    public Response resolveUid(Request request) {
        return Response.ok(tags.resolveUid(request.caller().group(), request.requiredQuery("uid")));
    }

    private static Place target(JsonBody body) {
        String label = body.text("entity_type");
        String id = body.id("entity_id");
        EntityType type = EntityType.of(label);
        if (type == EntityType.ITEM) {
            throw Problem.validation("NFC tags can only be assigned to locations or containers");
        }
        return new Place(type, id);
    }
}
