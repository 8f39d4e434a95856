package io.storeit.server.location;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.entity.Fields;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.util.Optional;

/** Answers the requests about locations. Other routes list what is at a location. */
public final class LocationRoutes {
    private final LocationRepository locations;

    public LocationRoutes(LocationRepository locations) {
        this.locations = locations;
    }

    public Response listRoots(Request request) {
        return Response.ok(locations.listRoots(request.caller().group()));
    }

    public Response listChildren(Request request) {
        return Response.ok(locations.listIn(request.caller().group(), request.id("id")));
    }

    public Response tree(Request request) {
        return Response.ok(locations.tree(request.caller().group()));
    }

    public Response get(Request request) {
        String id = request.id("id");
        return Response.ok(locations.find(request.caller().group(), id).orElseThrow(() -> Problem.notFound("location", id)));
    }

    public Response create(Request request) throws IOException {
        JsonBody body = request.json();
        Optional<String> parent = body.optionalId("parent_id");
        ObjectNode values = Fields.LOCATION.ofNew(body);
        return Response.created(locations.insert(request.caller().group(), parent, values));
    }

    public Response update(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(locations.update(request.caller().group(), id, Fields.LOCATION.ofUpdate(request.json())));
    }

    public Response delete(Request request) {
        locations.delete(request.caller().group(), request.id("id"));
        return Response.noContent();
    }
}
