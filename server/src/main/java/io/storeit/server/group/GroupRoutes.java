package io.storeit.server.group;

import io.storeit.server.entity.Names;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;

/** Answers the administrators' requests under {@code /api/v1/admin/groups}. */
public final class GroupRoutes {
    private final GroupRepository groups;

    public GroupRoutes(GroupRepository groups) {
        this.groups = groups;
    }

    public Response list(Request request) {
        return Response.ok(groups.list());
    }

    public Response create(Request request) throws IOException {
        String name = request.json().text("name");
        if (name.isEmpty()) {
            throw Problem.validation("group name is required");
        }
        Names.check("name", name);
        return Response.ok(groups.create(name));
    }

    public Response delete(Request request) {
        groups.delete(request.id("id"));
        return Response.done();
    }

    public Response members(Request request) {
        return Response.ok(groups.members(request.id("id")));
    }

    public Response addMember(Request request) throws IOException {
        String id = request.id("id");
        JsonBody body = request.json();
        String userId = body.id("user_id");
        groups.addMember(id, userId, Group.Role.of(body.text("role")));
        return Response.done();
    }

    public Response removeMember(Request request) {
        groups.removeMember(request.id("group_id"), request.id("user_id"));
        return Response.done();
    }
}
