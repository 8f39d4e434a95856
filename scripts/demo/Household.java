import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * What scripts/demo.sh and scripts/image-test.sh need beside StoreIT itself: it looks into a database with plain SQL, so that they do
 * not believe StoreIT's own digest alone, and it uses the server the way a browser would. Runs on the class path of a built server.
 */
final class Household {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 4;
    /** Of one client: a server that never stops must not keep it running for ever. */
    private static final int MOST_ITEMS = 100_000;

    /** The nine archived tables and the columns that give their rows an order. */
    private static final Map<String, String> TABLES = Map.of("users", "id", "groups", "id", "user_groups", "user_id, group_id",
            "settings", "key", "locations", "id", "containers", "id", "items", "id", "photos", "id", "nfc_tags", "id");

    /** Columns that come and go with the schema version: the first two are remade on demand, the last is schema 3's. */
    private static final Set<String> NOT_IN_EVERY_SCHEMA = Set.of("thumbnail_key", "large_key", "serial_number");

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "free-port" -> freePort();
            case "rows" -> rows(Path.of(arguments[1]), Path.of(arguments[2]));
            case "add-item" -> addItem(URI.create(arguments[1]), arguments[2], arguments[3], arguments[4]);
            case "add-items" -> addItems(URI.create(arguments[1]), arguments[2], arguments[3], Path.of(arguments[4]));
            case "sql" -> sql(Path.of(arguments[1]), arguments[2]);
            case "picture" -> ImageIO.write(new BufferedImage(1600, 1200, BufferedImage.TYPE_INT_RGB), "jpeg", new File(arguments[1]));
            case "set-serial-number" -> setSerialNumber(Path.of(arguments[1]), arguments[2], arguments[3]);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(socket.getLocalPort());
        }
    }

    /** One line per row of every table, and one per photo with the hash of its file, in an order that never changes. */
    private static void rows(Path database, Path images) throws Exception {
        try (var connection = open(database); var statement = connection.createStatement()) {
            for (String table : TABLES.keySet().stream().sorted().toList()) {
                var rows = statement.executeQuery("SELECT * FROM " + table + " ORDER BY " + TABLES.get(table));
                while (rows.next()) System.out.println(table + " " + row(rows));
            }
            var photos = statement.executeQuery("SELECT DISTINCT storage_key FROM photos ORDER BY storage_key");
            while (photos.next()) {
                byte[] bytes = Files.readAllBytes(images.resolve(photos.getString(1)));
                System.out.println("image " + photos.getString(1) + " "
                        + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            }
        }
    }

    private static String row(ResultSet rows) throws SQLException {
        List<String> cells = new ArrayList<>();
        var columns = rows.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String name = columns.getColumnName(i);
            Object value = rows.getObject(i);
            if (value != null && !NOT_IN_EVERY_SCHEMA.contains(name)) cells.add(name + "=" + JSON.valueToTree(value));
        }
        cells.sort(null);
        return String.join(" ", cells);
    }

    /** Logs in and adds an item to the first container. */
    private static void addItem(URI server, String username, String password, String name) throws IOException {
        String cookie = login(server, username, password);
        createItem(server, cookie, firstContainer(server, cookie), name);
    }

    /** Adds items by four clients for as long as the server answers, and writes the name of each to a file once it is acknowledged. */
    private static void addItems(URI server, String username, String password, Path acknowledged) throws Exception {
        String cookie = login(server, username, password);
        String container = firstContainer(server, cookie);
        try (var names = Files.newBufferedWriter(acknowledged)) {
            var clients = new ArrayList<Thread>();
            for (int client = 1; client <= CLIENTS; client++) {
                String prefix = "Client " + client + " item ";
                var thread = new Thread(() -> {
                    try {
                        for (int i = 1; i <= MOST_ITEMS; i++) {
                            createItem(server, cookie, container, prefix + i);
                            synchronized (names) {
                                names.write(prefix + i + "\n");
                                names.flush();
                            }
                        }
                    } catch (IOException end) {
                        // Not acknowledged: the server has stopped.
                    }
                });
                thread.start();
                clients.add(thread);
            }
            for (var thread : clients) thread.join();
        }
    }

    private static String login(URI server, String username, String password) throws IOException {
        var login = post(server.resolve("/api/v1/auth/local/login"), null, Map.of("username", username, "password", password));
        return login.getHeaderField("Set-Cookie").split(";", 2)[0];
    }

    private static String firstContainer(URI server, String cookie) throws IOException {
        return answer(request(server.resolve("/api/v1/containers"), cookie)).get(0).get("id").asText();
    }

    private static void createItem(URI server, String cookie, String container, String name) throws IOException {
        answer(post(server.resolve("/api/v1/items"), cookie, Map.of("parent_type", "container", "parent_id", container, "name", name)));
    }

    private static void sql(Path database, String statements) throws SQLException {
        try (var connection = open(database); var any = connection.createStatement()) {
            any.executeUpdate(statements);
        }
    }

    /** No released version has serial numbers, so no server has a way to enter one: it is written by SQL. */
    private static void setSerialNumber(Path database, String item, String number) throws SQLException {
        try (var connection = open(database);
                var update = connection.prepareStatement("UPDATE items SET serial_number = ? WHERE name = ?")) {
            update.setString(1, number);
            update.setString(2, item);
            if (update.executeUpdate() != 1) throw new IllegalStateException("no item is named " + item);
        }
    }

    private static Connection open(Path database) throws SQLException {
        if (!Files.exists(database)) throw new IllegalStateException("there is no database " + database);
        return DriverManager.getConnection("jdbc:sqlite:" + database);
    }

    private static HttpURLConnection request(URI uri, String cookie) throws IOException {
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        if (cookie != null) connection.setRequestProperty("Cookie", cookie);
        return connection;
    }

    private static HttpURLConnection post(URI uri, String cookie, Map<String, String> body) throws IOException {
        var connection = request(uri, cookie);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        try (var out = connection.getOutputStream()) {
            JSON.writeValue(out, body);
        }
        return connection;
    }

    private static JsonNode answer(HttpURLConnection connection) throws IOException {
        try (var in = connection.getInputStream()) {
            return JSON.readTree(in);
        }
    }
}
