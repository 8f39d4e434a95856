package io.storeit.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.password4j.Argon2Function;
import com.password4j.BadParametersException;
import com.password4j.Password;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * The routes of the reference a migration and its writers use. Backup status and download are open to anyone who knows the job (D4),
 * photos to everyone (D1); a path that is no route, also under {@code /api}, answers 200 with the web client's page (D103).
 */
final class ReferenceApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SESSION = Duration.ofHours(24);
    private static final String DEFAULT_GROUP = "00000000-0000-0000-0000-000000000001";
    private static final Pattern JOB = Pattern.compile("/api/v1/admin/backup/([^/]+)/(status|download)");
    private static final Pattern ITEM = Pattern.compile("/api/v1/items/([^/]+)");
    private static final Pattern CONTAINER_ITEMS = Pattern.compile("/api/v1/containers/([^/]+)/items");
    private static final Pattern PHOTO_FILE = Pattern.compile("/api/v1/photos/([^/]+)/file");

    private final ReferenceDatabase database;
    private final Build build;
    private final Path imageFolder;
    private final ReferenceConfig config;
    private final ReferenceLog log;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    ReferenceApi(ReferenceDatabase database, Build build, Path imageFolder, ReferenceConfig config, ReferenceLog log) {
        this.database = database;
        this.build = build;
        this.imageFolder = imageFolder;
        this.config = config;
        this.log = log;
    }

    void listen(InetSocketAddress address) throws IOException {
        var server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(10));
        server.createContext("/", this::handle);
        server.start();
    }

    /** Ends a request with an error answer of the documented shape. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;
        private final String code;

        Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    private record Session(String id, String userId, String groupId, boolean admin) {
    }

    /** A backup job lives in memory only and is unknown after a restart; its archive stays in the temporary folder for ever (D39). */
    private static final class Job {
        volatile String status = "pending";
        volatile long done;
        volatile long total;
        volatile String error;
        volatile Path archive;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                route(exchange);
            } catch (Refusal e) {
                send(exchange, e.status, error(e.code, e.getMessage()));
            } catch (SQLException | RuntimeException e) {
                log.error("tower_http::trace::on_failure",
                        "response failed classification=Status code: 500 Internal Server Error latency=0 ms");
                send(exchange, 500, error("INTERNAL_ERROR", "internal server error"));
            }
        }
    }

    private void route(HttpExchange exchange) throws IOException, SQLException, Refusal {
        var path = exchange.getRequestURI().getPath();
        var post = exchange.getRequestMethod().equals("POST");
        switch (path) {
            case "/api/v1/auth/mode" -> send(exchange, 200, Map.of("mode", "local"));
            case "/api/v1/admin/schema-version" -> send(exchange, 200,
                    Map.of("schema_version", build.schema(), "expected_version", build.schema(), "app_version", build.version()));
            case "/api/v1/auth/local/login" -> login(exchange);
            case "/api/v1/auth/logout" -> logout(exchange);
            case "/api/v1/auth/me" -> {
                try (var connection = database.connect()) {
                    send(exchange, 200, me(connection, session(connection, exchange)));
                }
            }
            case "/api/v1/admin/backup" -> startBackup(exchange);
            case "/api/v1/items" -> {
                if (post) {
                    createItem(exchange);
                } else {
                    list(exchange, DataFile.ITEMS, "group_id = ?", null);
                }
            }
            case "/api/v1/containers" -> list(exchange, DataFile.CONTAINERS, "group_id = ?", null);
            case "/api/v1/locations" -> list(exchange, DataFile.LOCATIONS, "group_id = ?", null);
            default -> routeWithId(exchange, path);
        }
    }

    private void routeWithId(HttpExchange exchange, String path) throws IOException, SQLException, Refusal {
        var job = JOB.matcher(path);
        var item = ITEM.matcher(path);
        var containerItems = CONTAINER_ITEMS.matcher(path);
        var photo = PHOTO_FILE.matcher(path);
        if (job.matches()) {
            job(exchange, job.group(1), job.group(2));
        } else if (item.matches()) {
            item(exchange, item.group(1));
        } else if (containerItems.matches()) {
            list(exchange, DataFile.ITEMS, "group_id = ? AND container_id = ?", containerItems.group(1));
        } else if (photo.matches()) {
            photo(exchange, photo.group(1));
        } else {
            sendBytes(exchange, 200, "text/html", "<!doctype html><title>StoreIT</title>".getBytes(StandardCharsets.UTF_8));
        }
    }

    private void login(HttpExchange exchange) throws IOException, SQLException, Refusal {
        var body = body(exchange);
        var username = body.path("username");
        var password = body.path("password");
        if (!username.isTextual() || !password.isTextual()) {
            throw new Refusal(422, "UNPROCESSABLE", "missing field");
        }
        try (var connection = database.connect()) {
            String userId;
            try (var user = connection.prepareStatement("SELECT id, password_hash FROM users WHERE external_id = ?")) {
                user.setString(1, "local:" + username.textValue());
                var row = user.executeQuery();
                if (!row.next() || !verifies(password.textValue(), row.getString("password_hash"))) {
                    throw new Refusal(401, "INVALID_CREDENTIALS", "Invalid username or password");
                }
                userId = row.getString("id");
            }
            var session = openSession(connection, userId);
            exchange.getResponseHeaders().set("Set-Cookie",
                    "storeit_session=%s; HttpOnly; SameSite=Lax; Path=/; Max-Age=%d".formatted(session.id(), SESSION.toSeconds()));
            send(exchange, 200, me(connection, session));
        }
    }

    /** Any Argon2 text is verified; another algorithm's says no; text that is no PHC string at all is an internal error (D151). */
    private static boolean verifies(String password, String hash) {
        if (hash == null) {
            return false;
        }
        if (!hash.matches("\\$[a-z0-9-]{1,32}(\\$v=[0-9]+)?(\\$[a-z]+=[^$]+)?(\\$[A-Za-z0-9+/]+){0,2}") || hash.startsWith("$2")) {
            throw new ReferenceException("password hash string invalid");
        }
        if (!hash.startsWith("$argon2")) {
            return false;
        }
        try {
            return Password.check(password, hash).with(Argon2Function.getInstanceFromHash(hash));
        } catch (BadParametersException e) {
            throw new ReferenceException("password hash string invalid", e);
        }
    }

    /** Session ids are stored as they are (D21); a user without a group joins the default one first. */
    private Session openSession(Connection connection, String userId) throws SQLException {
        var group = firstGroup(connection, userId);
        if (group == null) {
            connection.createStatement().executeUpdate(
                    "INSERT INTO user_groups (user_id, group_id, role) VALUES ('%s', '%s', 'member')".formatted(userId, DEFAULT_GROUP));
            group = DEFAULT_GROUP;
        }
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        var id = random.ints(64, 0, alphabet.length()).collect(StringBuilder::new, (text, i) -> text.append(alphabet.charAt(i)),
                StringBuilder::append);
        try (var row = connection.prepareStatement("INSERT INTO sessions (id, user_id, active_group_id, expires_at) VALUES (?, ?, ?, ?)")) {
            row.setString(1, id.toString());
            row.setString(2, userId);
            row.setString(3, group);
            row.setString(4, ReferenceTime.column(Instant.now().plus(SESSION)));
            row.executeUpdate();
        }
        return new Session(id.toString(), userId, group, false);
    }

    private static String firstGroup(Connection connection, String userId) throws SQLException {
        try (var groups = connection.prepareStatement(
                "SELECT g.id FROM groups g JOIN user_groups m ON m.group_id = g.id WHERE m.user_id = ? ORDER BY g.name LIMIT 1")) {
            groups.setString(1, userId);
            var row = groups.executeQuery();
            return row.next() ? row.getString(1) : null;
        }
    }

    private static Session session(Connection connection, HttpExchange exchange) throws SQLException, Refusal {
        for (var header : exchange.getRequestHeaders().getOrDefault("Cookie", List.of())) {
            for (var cookie : header.split(";\\s*")) {
                if (cookie.startsWith("storeit_session=")) {
                    var session = session(connection, cookie.substring("storeit_session=".length()));
                    if (session != null) {
                        return session;
                    }
                }
            }
        }
        throw new Refusal(401, "UNAUTHENTICATED", "authentication required");
    }

    private static Session session(Connection connection, String id) throws SQLException {
        try (var sessions = connection.prepareStatement("""
                SELECT s.user_id, s.active_group_id, u.is_admin FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ? AND s.expires_at > ?""")) {
            sessions.setString(1, id);
            sessions.setString(2, ReferenceTime.now());
            var row = sessions.executeQuery();
            return row.next() ? new Session(id, row.getString(1), row.getString(2), row.getInt(3) == 1) : null;
        }
    }

    private static Session adminSession(Connection connection, HttpExchange exchange) throws SQLException, Refusal {
        var session = session(connection, exchange);
        if (!session.admin()) {
            throw new Refusal(403, "FORBIDDEN", "forbidden: admin access required");
        }
        return session;
    }

    private void logout(HttpExchange exchange) throws IOException, SQLException, Refusal {
        try (var connection = database.connect(); var delete = connection.prepareStatement("DELETE FROM sessions WHERE id = ?")) {
            delete.setString(1, session(connection, exchange).id());
            delete.executeUpdate();
        }
        exchange.getResponseHeaders().set("Set-Cookie", "storeit_session=; Path=/; Max-Age=0");
        send(exchange, 200, Map.of("ok", true));
    }

    private static Map<String, Object> me(Connection connection, Session session) throws SQLException {
        var me = new LinkedHashMap<String, Object>();
        try (var user = connection.prepareStatement("SELECT id, external_id, email, display_name, is_admin FROM users WHERE id = ?")) {
            user.setString(1, session.userId());
            var row = user.executeQuery();
            row.next();
            me.put("user", Map.of("id", row.getString(1), "external_id", row.getString(2), "email", row.getString(3),
                    "display_name", row.getString(4),
                    "is_admin", row.getInt(5) == 1));
        }
        var groups = new ArrayList<Map<String, Object>>();
        try (var member = connection.prepareStatement(
                "SELECT g.id, g.name, m.role FROM groups g JOIN user_groups m ON m.group_id = g.id WHERE m.user_id = ? ORDER BY g.name")) {
            member.setString(1, session.userId());
            for (var row = member.executeQuery(); row.next();) {
                groups.add(Map.of("id", row.getString(1), "name", row.getString(2), "role", row.getString(3)));
            }
        }
        me.put("groups", groups);
        me.put("active_group_id", session.groupId());
        return me;
    }

    private void startBackup(HttpExchange exchange) throws IOException, SQLException, Refusal {
        try (var connection = database.connect()) {
            adminSession(connection, exchange);
        }
        var images = body(exchange).path("include_images");
        if (!images.isBoolean()) {
            throw new Refusal(422, "UNPROCESSABLE", "missing field `include_images`");
        }
        var id = UUID.randomUUID().toString();
        var job = new Job();
        jobs.put(id, job);
        Executors.newSingleThreadExecutor().execute(() -> backUp(id, job, images.booleanValue()));
        send(exchange, 200, Map.of("job_id", id));
    }

    private void backUp(String id, Job job, boolean images) {
        job.status = "running";
        var archive = config.temporaryFolder().resolve("storeit-backup-%s.storeit".formatted(id));
        try {
            new ReferenceExport(database, build, imageFolder, log).write(archive, images, new ReferenceProgress() {
                @Override
                public void total(long steps) {
                    job.total = steps;
                }

                @Override
                public void done(long steps) {
                    job.done = steps;
                }
            });
            job.archive = archive;
            job.status = "complete";
        } catch (RuntimeException e) {
            job.error = e.getMessage();
            job.status = "failed";
        }
    }

    private void job(HttpExchange exchange, String id, String what) throws IOException, Refusal {
        var job = jobs.get(id);
        if (job == null) {
            throw new Refusal(404, "NOT_FOUND", "entity not found: backup_job " + id);
        }
        if (what.equals("status")) {
            var status = new LinkedHashMap<String, Object>(Map.of("status", job.status, "progress", job.done, "total", job.total));
            if (job.error != null) {
                status.put("error", job.error);
            }
            send(exchange, 200, status);
            return;
        }
        if (!job.status.equals("complete")) {
            throw new Refusal(400, "VALIDATION_ERROR", "validation error: backup job is not complete");
        }
        var stamp = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC).format(Instant.now());
        exchange.getResponseHeaders().set("Content-Disposition", "attachment; filename=\"storeit-backup-%s.storeit\"".formatted(stamp));
        sendBytes(exchange, 200, "application/octet-stream", Files.readAllBytes(job.archive));
    }

    /** The parent is not looked up in the caller's group (D9); one that does not exist at all is an internal error. */
    private void createItem(HttpExchange exchange) throws IOException, SQLException, Refusal {
        try (var connection = database.connect()) {
            var session = session(connection, exchange);
            var body = body(exchange);
            if (!body.path("parent_type").isTextual() || !body.path("parent_id").isTextual() || !body.path("name").isTextual()) {
                throw new Refusal(422, "UNPROCESSABLE", "missing field");
            }
            var parent = body.get("parent_type").textValue();
            if (!parent.equals("location") && !parent.equals("container")) {
                throw new Refusal(400, "VALIDATION_ERROR", "validation error: invalid parent_type: " + parent);
            }
            var id = UUID.randomUUID().toString();
            var name = body.get("name").textValue();
            connection.setAutoCommit(false);
            try (var insert = connection.prepareStatement("""
                    INSERT INTO items (id, group_id, container_id, location_id, name, description, quantity, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
                insert.setString(1, id);
                insert.setString(2, session.groupId());
                insert.setString(3, parent.equals("container") ? body.get("parent_id").textValue() : null);
                insert.setString(4, parent.equals("location") ? body.get("parent_id").textValue() : null);
                insert.setString(5, name);
                insert.setString(6, body.path("description").textValue());
                insert.setInt(7, body.path("quantity").asInt(1));
                insert.setString(8, ReferenceTime.now());
                insert.setString(9, ReferenceTime.now());
                insert.executeUpdate();
                ReferenceImport.index(connection, "item", id, session.groupId(),
                        body.path("description").isTextual() ? name + " " + body.get("description").textValue() : name);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
            connection.setAutoCommit(true);
            send(exchange, 201, one(connection, DataFile.ITEMS, "id = ?", id));
        }
    }

    private void item(HttpExchange exchange, String id) throws IOException, SQLException, Refusal {
        try (var connection = database.connect()) {
            var session = session(connection, exchange);
            var item = one(connection, DataFile.ITEMS, "id = ? AND group_id = ?", id, session.groupId());
            if (item == null) {
                throw new Refusal(404, "NOT_FOUND", "entity not found: item " + id);
            }
            send(exchange, 200, item);
        }
    }

    private void list(HttpExchange exchange, DataFile file, String condition, String parameter) throws IOException, SQLException, Refusal {
        try (var connection = database.connect()) {
            var group = session(connection, exchange).groupId();
            send(exchange, 200, parameter == null ? rows(connection, file, condition, group)
                    : rows(connection, file, condition, group, parameter));
        }
    }

    private Object one(Connection connection, DataFile file, String condition, String... parameters) throws SQLException {
        var rows = rows(connection, file, condition, parameters);
        return rows.isEmpty() ? null : rows.get(0);
    }

    private List<Map<String, Object>> rows(Connection connection, DataFile file, String condition,
            String... parameters) throws SQLException {
        try (var query = connection.prepareStatement("SELECT * FROM %s WHERE %s ORDER BY name".formatted(file.table, condition))) {
            for (var i = 0; i < parameters.length; i++) {
                query.setString(i + 1, parameters[i]);
            }
            var rows = new ArrayList<Map<String, Object>>();
            ResultSet result = query.executeQuery();
            while (result.next()) {
                var row = ReferenceExport.row(result, file.columns(build.schema()));
                row.remove("ai_raw");
                rows.add(row);
            }
            return rows;
        }
    }

    private void photo(HttpExchange exchange, String id) throws IOException, SQLException, Refusal {
        try (var connection = database.connect(); var query = connection.prepareStatement("SELECT storage_key, mime_type FROM photos WHERE id = ?")) {
            query.setString(1, id);
            var row = query.executeQuery();
            if (!row.next()) {
                throw new Refusal(404, "NOT_FOUND", "entity not found: photo " + id);
            }
            sendBytes(exchange, 200, row.getString(2), Files.readAllBytes(imageFolder.resolve(row.getString(1))));
        } catch (NoSuchFileException e) {
            throw new ReferenceException("storage error: No such file or directory (os error 2)", e);
        }
    }

    private static JsonNode body(HttpExchange exchange) throws IOException, Refusal {
        try {
            return JSON.readTree(exchange.getRequestBody());
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "INVALID_REQUEST", "Failed to parse the request body as JSON");
        }
    }

    private static Map<String, Object> error(String code, String message) {
        return Map.of("error", Map.of("code", code, "message", message));
    }

    private static void send(HttpExchange exchange, int status, Object body) throws IOException {
        sendBytes(exchange, status, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void sendBytes(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
