package io.storeit.ops.install;

import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;
import java.nio.file.Path;
import java.util.List;

/**
 * Reports what an install has placed.
 *
 * @param newBinary whether this install has placed the server's binary
 * @param newTool whether this install has placed storeit-ctl
 * @param startCommand the command that starts the server; null when a service starts it
 * @param username the name of the first administrator; null when the database had users before
 * @param password the first password of that administrator; null without a username
 * @param passwordFile the file with that password; null without a username
 * @param notes further hints
 */
public record Installed(String version, boolean newBinary, Path binary, boolean newTool, Path tool, Path dataDir, Path database, String url,
        String startCommand, String username, String password, Path passwordFile, List<String> notes) implements Result {
    @Override
    public void print(Console console) {
        if (newBinary) {
            console.print("Binary installed at %s", binary);
            console.print("Data directory: %s", dataDir);
        }
        if (newTool) console.print("storeit-ctl installed at %s", tool);
        console.print("");
        if (startCommand == null) {
            console.print("StoreIT %s is running at %s", version, url);
        } else {
            console.print("Start the server with:");
            console.print("  %s", startCommand);
            console.print("It will listen at %s", url);
        }
        if (password == null) {
            console.print("The existing database %s was kept. Log in with an existing account.", database);
        } else {
            console.print("Log in as:  %s", username);
            console.print("Password:   %s", password);
            console.print("The password is also in %s. Log in and change it; 'storeit-ctl cleanup' removes the file.", passwordFile);
        }
        for (String note : notes) {
            console.print("");
            console.print("%s", note);
        }
    }
}
