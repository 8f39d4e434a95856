package io.storeit.interchange.sqlite;

import java.nio.file.Path;
import java.sql.DriverManager;

/** A process that holds a database in the way its first argument says, prints "ready" and waits to be killed. */
final class DatabaseHolder {

    private DatabaseHolder() {
    }

    public static void main(String[] arguments) throws Exception {
        Path database = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "operation" -> Locks.tryOperation(database).orElseThrow();
            case "database" -> Locks.tryDatabase(database).orElseThrow();
            case "open" -> Sqlite.number(DriverManager.getConnection("jdbc:sqlite:" + database), "SELECT count(*) FROM items");
            case "wal" -> {
                // Committed rows that are in the log only.
                var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Sqlite.execute(connection, "PRAGMA journal_mode = WAL");
                Sqlite.execute(connection, "PRAGMA wal_autocheckpoint = 0");
                Sqlite.execute(connection, "INSERT INTO settings (key, value) VALUES ('in', 'the log')");
            }
            case "journal" -> {
                // A transaction that has already changed the file: the small cache spills its pages.
                var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Sqlite.execute(connection, "PRAGMA cache_size = 5");
                connection.setAutoCommit(false);
                Sqlite.execute(connection, "UPDATE items SET name = name || ' never committed'");
                Sqlite.execute(connection, "UPDATE _meta SET value = '77'");
                Sqlite.execute(connection, "UPDATE containers SET name = name || ' never committed'");
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("ready");
        Thread.sleep(60_000);
    }
}
