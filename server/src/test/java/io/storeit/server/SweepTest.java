package io.storeit.server;

import static io.storeit.server.Household.UNKNOWN_ID;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.server.Contract.Operation;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends bad input, generated from the description of the API: every part of the path, every parameter of the query and every
 * field of the body of every operation, wrong in every way. Each request contains something that must not be accepted, so each
 * answer is a described 4xx, and nothing has changed in the end.
 */
class SweepTest {
    /** The most time of an answer on a busy machine. */
    private static final Duration QUICK = Duration.ofMillis(200);
    private static final int RANDOM_BODIES = 1000;
    /** The operations without a body that could be wrong; they would succeed. */
    private static final Set<String> ALWAYS_POSSIBLE = Set.of("logout", "migrateStorage");
    /** The operation that may remove a user who is not in the group. */
    private static final String IDEMPOTENT = "removeMember";

    private static final List<String> TABLES = List.of(
            "users", "groups", "user_groups", "settings", "locations", "containers", "items", "photos", "nfc_tags", "search_index");
    /** Ids of the other group, in which the requests are not made. */
    private static final Map<String, String> FOREIGN_IDS = Map.of(
            "locations", "4a39531c-f672-4bfa-bca3-c31cc9435e3f",
            "containers", "78996ac1-b273-4c32-bd9b-76aa95440bdd",
            "items", "cff45b4e-1030-495c-9b0a-e38db105ffaf",
            "nfc-tags", "26cafff1-4ea9-40dc-94bd-6a32bf416db3");

    /** The fields that name a record of the group. */
    private static final Set<String> PLACES = Set.of("parent_id", "target_id", "entity_id");

    private static final List<String> NO_IDS = List.of("12345", "x".repeat(4000), "%00", "%F0%9F%93%A6", "%2e%2e%2fitems", "' OR 1=1 --".replace(" ", "%20"),
            "0000000000000000000000000000000g", "%7B%7D");
    /** Values as JSON texts. None of them fits every field. */
    private static final List<String> VALUES = List.of("null", "true", "1", "-1", "0", "1.5", "1.0", "1e400", "2147483648", "-2147483649",
            "99999999999999999999999999", "9".repeat(2000), "1e-" + "9".repeat(20), "\"\"", "\" \"", "\"text\"", "\"1\"", "\"" + UNKNOWN_ID + "\"", "\"" + UNKNOWN_ID + "x\"", "\"\\u0000\"",
            "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\nb\"", "NaN", "'x'", "[]", "[null]", "[1]", "[[]]", "{}", "{\"a\":1}", "",
            "\"" + "é".repeat(1001) + "\"", "\"" + "x".repeat(100_001) + "\"", "[\"" + "x".repeat(1001) + "\"]",
            "[" + "\"x\",".repeat(1000) + "\"x\"]", "[".repeat(2000) + "]".repeat(2000));
    /** Whole bodies that are JSON of the wrong shape or not JSON. */
    private static final List<byte[]> BODIES = Stream.of("", " ", "{", "}", "nul", "null", "true", "1", "\"{}\"", "{} {}", "{},", "\uFEFF{}", "{\"a\"}", "{a:1}",
                    "[".repeat(100_000), "{\"a\":".repeat(5000), "<xml/>", "a=b")
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList();

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client admin;
    private static List<String> before;
    private static int requests;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        admin = server.login("admin", "changeme");
        before = everything();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingHasChangedAndTheServerIsStillQuick() {
        assertThat(everything()).isEqualTo(before);
        long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            assertThat(admin.get("/api/v1/items/" + UNKNOWN_ID).status()).isEqualTo(404);
        }
        assertThat(Duration.ofNanos((System.nanoTime() - start) / 10)).isLessThan(QUICK);
        System.out.println("sweep: " + requests + " requests so far");
    }

    @Test
    @DisplayName("D98, D105: ids in the path that are none, that nothing has, or that something of another group has")
    void idsInThePath() {
        for (Operation operation : operations()) {
            List<String> names = pathNames(operation);
            for (String name : names) {
                boolean id = !name.equals("job_id") && !name.equals("tag_uri");
                for (String value : NO_IDS) {
                    Answer answer = send(operation, path(operation, name, value), validBody(operation));
                    if (id) {
                        assertThat(answer.status()).as("%s %s=%s", operation.route(), name, value).isEqualTo(400);
                    } else {
                        refused(operation, answer, value);
                    }
                }
                refused(operation, send(operation, path(operation, name, UNKNOWN_ID), validBody(operation)), UNKNOWN_ID);
                FOREIGN_IDS.forEach((kind, foreign) -> {
                    if (operation.path().startsWith("/api/v1/" + kind + "/{id}")) {
                        refused(operation, send(operation, path(operation, name, foreign), validBody(operation)), foreign);
                    }
                });
            }
        }
    }

    @Test
    @DisplayName("D105: parameters of the query that are missing, given twice or of another type")
    void theQuery() {
        for (Operation operation : operations()) {
            List<JsonNode> parameters = queryParameters(operation);
            for (JsonNode parameter : parameters) {
                String name = parameter.path("name").textValue();
                String others = parameters.stream().filter(other -> other != parameter)
                        .map(other -> other.path("name").textValue() + "=" + validQuery(other)).collect(Collectors.joining("&"));
                String path = path(operation, "", "") + "?" + others + "&";
                JsonNode schema = Contract.API.resolved(parameter.path("schema"));
                boolean free = schema.path("type").asText().equals("string") && !schema.has("format") && !schema.has("enum");
                if (parameter.path("required").booleanValue()) {
                    assertThat(send(operation, path, Optional.empty()).status()).as(path).isEqualTo(400);
                }
                assertThat(send(operation, path + name + "=" + validQuery(parameter) + "&" + name + "=" + validQuery(parameter), Optional.empty()).status())
                        .as(path).isEqualTo(400);
                for (String value : List.of("", "%20", "abc", "-1", "1.5", "99999999999999999999", "%00", "%F0%9F%93%A6", "x".repeat(5000), "%22", "*", "%27%20OR%201")) {
                    Answer answer = send(operation, path + name + "=" + value, Optional.empty());

                    assertThat(answer.status()).as("%s %s=%s", operation.route(), name, value).isLessThan(500);
                    if (!free) {
                        assertThat(answer.status()).as("%s %s=%s", operation.route(), name, value).isEqualTo(400);
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("D105, D133: bodies that are no JSON, of another shape or of another type")
    void wholeBodies() {
        for (Operation operation : jsonOperations()) {
            for (byte[] body : BODIES) {
                refused(operation, send(operation, path(operation, "", ""), body, "application/json"), new String(body, StandardCharsets.UTF_8));
            }
            byte[] notUtf8 = "{\"name\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);
            assertThat(send(operation, path(operation, "", ""), notUtf8, "application/json").status()).as(operation.route()).isEqualTo(400);
            String valid = validBody(operation).orElseThrow();
            for (String type : new String[] {null, "text/plain", "multipart/form-data", "application/jsonp", "text/json"}) {
                assertThat(send(operation, path(operation, "", ""), valid.getBytes(StandardCharsets.UTF_8), type).status())
                        .as(operation.route() + " " + type).isEqualTo(415);
            }
            // An object's values in the order of its fields are no object.
            String array = fields(operation).values().stream().collect(Collectors.joining(",", "[", "]"));
            refused(operation, send(operation, path(operation, "", ""), Optional.of(array)), array);
        }
    }

    @Test
    @DisplayName("D9, D98, D105, D118: fields that are missing, null, of another type, of another group, too long, too large or given twice")
    void fieldsOfBodies() {
        for (Operation operation : jsonOperations()) {
            Map<String, String> fields = fields(operation);
            for (String field : fields.keySet()) {
                for (String value : VALUES) {
                    var changed = new LinkedHashMap<>(fields);
                    changed.put(field, value);
                    sendUnlessGood(operation, object(operation, changed));
                }
                if (PLACES.contains(field)) {
                    for (String foreign : FOREIGN_IDS.values()) {
                        var changed = new LinkedHashMap<>(fields);
                        changed.put(field, "\"" + foreign + "\"");
                        String body = object(operation, changed);
                        refused(operation, send(operation, path(operation, "", ""), Optional.of(body)), body);
                    }
                }
                var without = new LinkedHashMap<>(fields);
                without.remove(field);
                sendUnlessGood(operation, object(operation, without));
                String twice = object(operation, fields).replaceFirst("\\{", "{\"" + field + "\":" + fields.get(field).replace("\\", "\\\\") + ",");
                refused(operation, send(operation, path(operation, "", ""), Optional.of(twice)), twice);
            }
        }
    }

    @Test
    void randomBodies() {
        long seed = System.nanoTime();
        System.out.println("sweep: seed " + seed);
        var random = new Random(seed);
        List<Operation> operations = jsonOperations();
        for (int i = 0; i < RANDOM_BODIES; i++) {
            Operation operation = operations.get(random.nextInt(operations.size()));
            var fields = new LinkedHashMap<>(fields(operation));
            fields.replaceAll((name, value) -> random.nextInt(3) == 0 ? randomValue(random, 3) : value);
            String body = object(operation, fields);
            if (random.nextInt(10) == 0) {
                body = body.substring(0, random.nextInt(body.length()));
            }
            sendUnlessGood(operation, body);
        }
    }

    @Test
    void formsThatAreBroken() {
        byte[] garbage = new byte[2000];
        new Random(1).nextBytes(garbage);
        for (Operation operation : operations()) {
            if (operation.node().path("requestBody").path("content").has("multipart/form-data")) {
                String path = operation.path();
                for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/json")) {
                    for (byte[] body : List.of(new byte[0], garbage, "--x\r\n".getBytes(StandardCharsets.UTF_8), "--x--\r\n".getBytes(StandardCharsets.UTF_8),
                            "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf a".getBytes(StandardCharsets.UTF_8))) {
                        brokenForm(operation, send(operation, path, body, type));
                    }
                }
                for (String id : List.of(UNKNOWN_ID, FOREIGN_IDS.get("items"), "no id", "")) {
                    for (String entity : List.of("item", "location", "thing", "")) {
                        brokenForm(operation, new Form().text("entity_type", entity).text("entity_id", id).file(garbage, "image/jpeg").post(counted(), path));
                        brokenForm(operation, new Form().text("entity_type", entity).text("entity_id", id).post(counted(), path));
                    }
                }
                for (String options : List.of("", "{", "[]", "{\"mode\":\"other\"}", "{\"mode\":1}", "{\"mode\":null}", "[\"replace\"]", "x".repeat(100_000))) {
                    brokenForm(operation, new Form().text("options", options).file(garbage, "image/jpeg").post(counted(), path));
                }
            }
        }
    }

    private static void brokenForm(Operation operation, Answer answer) {
        assertThat(answer.status()).as(operation.route() + " " + answer.body())
                .isIn(operation.path().contains("/identify") ? Set.of(501) : Set.of(400, 404, 415));
    }

    /** Sends a body. One that may be good is sent only when its target does not exist. */
    private static void sendUnlessGood(Operation operation, String body) {
        boolean forNothing = operation.path().contains("{")
                || fields(operation).entrySet().stream().anyMatch(field -> field.getValue().contains(UNKNOWN_ID)
                        && body.contains("\"" + field.getKey() + "\":" + field.getValue()));
        if (forNothing || !isValid(operation, body)) {
            refused(operation, send(operation, path(operation, "", ""), Optional.of(body)), body);
        }
    }

    private static boolean isValid(Operation operation, String body) {
        JsonNode json = Json.parseOrNull(body);
        return json != null && Contract.API.isValid(Contract.API.requestSchema(operation).orElseThrow(), json);
    }

    /** Checks that a request is refused. A request that only reads may also get an empty answer. */
    private static void refused(Operation operation, Answer answer, String because) {
        int least = operation.method().equals("GET") || operation.id().equals(IDEMPOTENT) ? 200 : 400;
        assertThat(answer.status()).as("%s with %s: %s", operation.route(), shortened(because), shortened(answer.body()))
                .isBetween(least, operation.path().contains("/identify") ? 501 : 499);
    }

    private static String shortened(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private static List<Operation> operations() {
        return Contract.API.operations().stream().filter(operation -> !ALWAYS_POSSIBLE.contains(operation.id())).toList();
    }

    private static List<Operation> jsonOperations() {
        return operations().stream().filter(operation -> Contract.API.requestSchema(operation).isPresent()).toList();
    }

    private static Answer send(Operation operation, String path, Optional<String> body) {
        return send(operation, path, body.orElse("").getBytes(StandardCharsets.UTF_8), body.isEmpty() ? null : "application/json");
    }

    private static Answer send(Operation operation, String path, byte[] body, String type) {
        return counted().send(operation.method(), path, HttpRequest.BodyPublishers.ofByteArray(body), type);
    }

    private static Client counted() {
        requests++;
        return admin;
    }

    /** Returns the path with one of its parts set; the others are ids of no record. */
    private static String path(Operation operation, String name, String value) {
        return operation.path().replace("{" + name + "}", value).replaceAll("\\{[^}]+}", UNKNOWN_ID);
    }

    private static List<String> pathNames(Operation operation) {
        return java.util.regex.Pattern.compile("\\{([^}]+)}").matcher(operation.path()).results().map(match -> match.group(1)).toList();
    }

    private static List<JsonNode> queryParameters(Operation operation) {
        var parameters = new ArrayList<JsonNode>();
        operation.node().path("parameters").forEach(parameter -> {
            if (Contract.API.resolved(parameter).path("in").asText().equals("query")) {
                parameters.add(Contract.API.resolved(parameter));
            }
        });
        return parameters;
    }

    private static String validQuery(JsonNode parameter) {
        String value = validValue(parameter.path("schema"));
        return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
    }

    private static Optional<String> validBody(Operation operation) {
        return Contract.API.requestSchema(operation).map(schema -> object(operation, fields(operation)));
    }

    /** Lists every field that the operation's body may have, with a good value; records it refers to do not exist. */
    private static Map<String, String> fields(Operation operation) {
        JsonNode schema = Contract.API.requestSchema(operation).orElseThrow();
        JsonNode object = schema.path("type").asText().equals("array") ? Contract.API.resolved(schema.path("items")) : schema;
        var fields = new LinkedHashMap<String, String>();
        object.path("properties").properties().forEach(property -> fields.put(property.getKey(), validValue(property.getValue())));
        return fields;
    }

    private static String object(Operation operation, Map<String, String> fields) {
        String object = fields.entrySet().stream()
                .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
        return Contract.API.requestSchema(operation).orElseThrow().path("type").asText().equals("array") ? "[" + object + "]" : object;
    }

    private static String validValue(JsonNode schemaOrReference) {
        JsonNode schema = Contract.API.resolved(schemaOrReference);
        if (schema.has("anyOf")) {
            return validValue(schema.path("anyOf").get(0));
        }
        if (schema.has("enum")) {
            return schema.path("enum").get(0).toString();
        }
        String type = schema.path("type").isArray() ? schema.path("type").get(0).textValue() : schema.path("type").textValue();
        return switch (type) {
            case "string" -> schema.path("format").asText().equals("uuid") ? "\"" + UNKNOWN_ID + "\"" : "\"text\"";
            case "boolean" -> "true";
            case "integer", "number" -> "1";
            case "array" -> "[]";
            default -> throw new IllegalStateException("no value of " + schema);
        };
    }

    private static String randomValue(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> "null";
            case 1 -> Boolean.toString(random.nextBoolean());
            case 2 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 3 -> Double.toString(random.nextGaussian() * Math.pow(10, random.nextInt(40)));
            case 4 -> Json.MAPPER.getNodeFactory().textNode(random.ints(random.nextInt(20), 0, 0xd7ff)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString()).toString();
            case 5 -> IntStream.range(0, random.nextInt(4)).mapToObj(i -> randomValue(random, depth - 1)).collect(Collectors.joining(",", "[", "]"));
            default -> IntStream.range(0, random.nextInt(4)).mapToObj(i -> "\"" + i + "\":" + randomValue(random, depth - 1))
                    .collect(Collectors.joining(",", "{", "}"));
        };
    }

    private static List<String> everything() {
        return TABLES.stream()
                .flatMap(table -> Sqlite.rows(server.database(), "SELECT '" + table + "', * FROM " + table).stream())
                .toList();
    }
}
