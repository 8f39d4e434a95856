package io.storeit.server.user;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The first administrator, for a database that has none.
 *
 * @param password empty to generate a random one and print it once
 */
public record AdminSeed(String username, Optional<String> password, String email, String displayName) {
    private static final Logger LOG = System.getLogger(AdminSeed.class.getName());
    /** Omits the characters that people confuse when they copy from a screen. */
    private static final String READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int GENERATED_LENGTH = 20;

    /** Creates the administrator, unless there is one already. */
    public void applyTo(UserRepository users) {
        if (users.hasAdmin()) {
            return;
        }
        String chosen = password.orElseGet(AdminSeed::generate);
        Optional<String> id = users.insertAdmin(username, email, displayName, Passwords.hash(chosen));
        if (id.isEmpty()) {
            LOG.log(Level.WARNING, "There is no admin user, and the user '" + username + "' is not an administrator: "
                    + "set STOREIT_ADMIN_USERNAME to another name and start again to create one");
            return;
        }
        if (password.isEmpty()) {
            LOG.log(Level.WARNING, "STOREIT_ADMIN_PASSWORD is not set — the password of the new admin user '" + username + "' is: " + chosen
                    + " (shown this once: log in and change it)");
        }
        LOG.log(Level.INFO, "Seeded admin user '" + username + "' (" + id.get() + ")");
    }

    private static String generate() {
        var random = new SecureRandom();
        var text = new StringBuilder(GENERATED_LENGTH);
        for (int i = 0; i < GENERATED_LENGTH; i++) {
            text.append(READABLE.charAt(random.nextInt(READABLE.length())));
        }
        return text.toString();
    }
}
