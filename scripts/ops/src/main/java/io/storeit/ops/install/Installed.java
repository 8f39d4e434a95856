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
 * @param startCommand starts the server where no service does; else null
 * @param username of the first administrator; null where the database had users before
 * @param password of the first administrator, as it was at the first start; null where there is no username
 * @param passwordFile holds that password; null where there is no username
 * @param notes what else a person should know
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
            console.print("Then it answers at %s", url);
        }
        if (password == null) {
            console.print("The database %s was there already: its users and their passwords count.", database);
        } else {
            console.print("Log in as:  %s", username);
            console.print("Password:   %s", password);
            console.print("This first password is also in %s. Log in and change it; 'storeit-ctl cleanup' removes the file.", passwordFile);
        }
        for (String note : notes) {
            console.print("");
            console.print("%s", note);
        }
    }
}
