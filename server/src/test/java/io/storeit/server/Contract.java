package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.storeit.interchange.base.Json;
import io.storeit.server.TestServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The description of the API, for comparing it with the answers of servers. {@link TestServer} does so with every answer of every
 * test.
 */
final class Contract {
    /** The address of the document for the validator; nothing is fetched. */
    private static final String IRI = "https://storeit.example/openapi.json";
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");
    /** The most bytes that are checked. The validator is slow, and no JSON reader accepts every depth. */
    private static final int LARGEST_CHECKED = 200_000;
    /** The statuses of any operation, see the document's general rules. */
    private static final Set<Integer> ANYWHERE = Set.of(405, 503);

    static final Contract API = new Contract();

    private final JsonNode document = load();
    private final List<Operation> operations = new ArrayList<>();
    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12, builder -> builder
            .schemas(Map.of(IRI, document.toString()))
            .schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

    private Contract() {
        document.path("paths").properties().forEach(path -> path.getValue().properties().forEach(method -> {
            if (METHODS.contains(method.getKey())) {
                operations.add(new Operation(method.getKey().toUpperCase(), path.getKey(), pattern(path.getKey()), method.getValue()));
            }
        }));
    }

    /** A method on a path. */
    record Operation(String method, String path, Pattern pattern, JsonNode node) {

        String id() {
            return node.path("operationId").textValue();
        }

        /** Returns the operation as the server lists its routes. */
        String route() {
            return method + " " + path;
        }

        String access() {
            return node.path("x-auth").textValue();
        }

        boolean isAddition() {
            return node.path("x-addition").booleanValue();
        }
    }

    List<Operation> operations() {
        return operations;
    }

    /**
     * Returns the schema of an operation's JSON body, with references resolved as far as the body itself; empty when it takes
     * none.
     */
    Optional<JsonNode> requestSchema(Operation operation) {
        JsonNode schema = operation.node.path("requestBody").path("content").path("application/json").path("schema");
        return schema.isMissingNode() ? Optional.empty() : Optional.of(resolved(schema));
    }

    boolean isValid(JsonNode schema, JsonNode value) {
        return schema(schema).validate(value).isEmpty();
    }

    /** Returns a node, or the one that its reference names. */
    JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").textValue().substring(1)) : node;
    }

    /** Fails when the document does not list the answer for the operation. Requests that are not an operation are ignored. */
    void check(String method, String target, Answer answer) {
        Optional<Operation> found = find(method.equals("HEAD") ? "GET" : method, target);
        if (found.isEmpty() || answer.status() == 404 && answer.body().contains("no such path") || ANYWHERE.contains(answer.status())) {
            return;
        }
        if (answer.bytes().length > LARGEST_CHECKED) {
            return;
        }
        String what = method + " " + target + " " + answer.status() + " " + answer.body();
        JsonNode response = resolved(found.get().node.path("responses").path(Integer.toString(answer.status())));
        assertThat(response.isMissingNode()).as("an answer that is not described: %s", what).isFalse();
        if (method.equals("HEAD") || answer.status() == 304) {
            return;
        }
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            assertThat(answer.bytes()).as(what).isEmpty();
            return;
        }
        JsonNode json = content.path("application/json").path("schema");
        if (!json.isMissingNode()) {
            assertThat(answer.header("Content-Type")).as(what).contains("application/json");
            assertThat(schema(json).validate(answer.json())).as(what).isEmpty();
        }
    }

    /** @param target path and query */
    Optional<Operation> find(String method, String target) {
        String path = target.split("\\?", 2)[0];
        // Fixed segments win over those with any text.
        return operations.stream()
                .filter(operation -> operation.method.equals(method) && operation.pattern.matcher(path).matches())
                .min(java.util.Comparator.comparing(operation -> operation.path.contains("{")));
    }

    private Schema schema(JsonNode node) {
        return schemas.computeIfAbsent(node, key -> registry.getSchema(absolute(key.deepCopy())));
    }

    /** Makes the references of a part of the document absolute. */
    private static JsonNode absolute(JsonNode node) {
        if (node.path("$ref").isTextual()) {
            ((ObjectNode) node).put("$ref", IRI + node.path("$ref").textValue());
        }
        node.forEach(Contract::absolute);
        return node;
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(path.replaceAll("\\{[^}]+}", "[^/]+").replace(".", "\\."));
    }

    private static JsonNode load() {
        try (InputStream in = Contract.class.getResourceAsStream("/api/openapi.yaml")) {
            return Json.MAPPER.valueToTree(new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
