package io.storeit.server.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Fields;
import io.storeit.server.entity.Page;
import io.storeit.server.entity.Place;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;

/** Answers the requests about containers, including those that list them by their place. */
public final class ContainerRoutes {
    private static final String PLACES = ", must be 'location' or 'container'";

    private final ContainerRepository containers;

    public ContainerRoutes(ContainerRepository containers) {
        this.containers = containers;
    }

    public Response list(Request request) {
        return Response.ok(containers.list(request.caller().group(), Page.of(request)));
    }

    public Response listInContainer(Request request) {
        return listAt(request, EntityType.CONTAINER);
    }

    public Response listAtLocation(Request request) {
        return listAt(request, EntityType.LOCATION);
    }

    private Response listAt(Request request, EntityType type) {
        return Response.ok(containers.listAt(request.caller().group(), new Place(type, request.id("id"))));
    }

    public Response get(Request request) {
        String id = request.id("id");
        return Response.ok(containers.find(request.caller().group(), id).orElseThrow(() -> Problem.notFound("container", id)));
    }

    /** Answers the path to a container; empty when there is no such container. */
    public Response ancestry(Request request) {
        return Response.ok(containers.ancestry(request.caller().group(), request.id("id")));
    }

    public Response create(Request request) throws IOException {
        JsonBody body = request.json();
        ObjectNode values = Fields.CONTAINER.ofNew(body);
        return Response.created(containers.insert(request.caller().group(), Place.of(body, "parent", PLACES), values));
    }

    public Response update(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(containers.update(request.caller().group(), id, Fields.CONTAINER.ofUpdate(request.json())));
    }

    public Response move(Request request) throws IOException {
        String id = request.id("id");
        return Response.ok(containers.move(request.caller().group(), id, Place.of(request.json(), "target", PLACES)));
    }

    public Response delete(Request request) {
        containers.delete(request.caller().group(), request.id("id"));
        return Response.noContent();
    }
}
