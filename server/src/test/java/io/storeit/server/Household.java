package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;

/** Makes locations, containers and items through the API. */
record Household(Client client) {
    static final String UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";
    /** The ids of both fixtures: the group of zoe, and that of mira with its only location and its only container. */
    static final String ZOES_GROUP = "00000000-0000-0000-0000-000000000001";
    static final String MIRAS_GROUP = "66198627-7714-4bcd-aa7d-a949906b44b0";
    static final String MIRAS_LOCATION = "115368f0-0691-4fc8-829f-05c49da8e03b";
    static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";

    static Client mira(TestServer server) {
        return server.login("mira", "correct horse battery");
    }

    static Client zoe(TestServer server) {
        return server.login("zoe", "z".repeat(100));
    }

    String location(String name) {
        return created("/api/v1/locations", "{\"name\":\"%s\"}".formatted(name));
    }

    String locationIn(String parent, String name) {
        return created("/api/v1/locations", "{\"name\":\"%s\",\"parent_id\":\"%s\"}".formatted(name, parent));
    }

    String containerAt(String location, String name) {
        return created("/api/v1/containers", placed("location", location, name));
    }

    String containerIn(String container, String name) {
        return created("/api/v1/containers", placed("container", container, name));
    }

    String itemAt(String location, String name) {
        return created("/api/v1/items", placed("location", location, name));
    }

    String itemIn(String container, String name) {
        return created("/api/v1/items", placed("container", container, name));
    }

    private String created(String path, String body) {
        Answer answer = client.post(path, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().path("id").textValue();
    }

    static String placed(String type, String parent, String name) {
        return "{\"parent_type\":\"%s\",\"parent_id\":\"%s\",\"name\":\"%s\"}".formatted(type, parent, name);
    }

    static String target(String type, String id) {
        return "{\"target_type\":\"%s\",\"target_id\":\"%s\"}".formatted(type, id);
    }

    static JsonNode json(String text) {
        return io.storeit.interchange.base.Json.parseOrNull(text);
    }
}
