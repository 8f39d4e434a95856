package io.storeit.server.user;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.mindrot.jbcrypt.BCrypt;

/**
 * Password hashes: bcrypt for new passwords, Argon2 for the long ones and for those that came from StoreIT 0.1 and 0.2. Slow on purpose (a tenth of a second and
 * more, 19 MiB for Argon2), so callers bound how many run at once.
 */
public final class Passwords {
    private static final Logger LOG = System.getLogger(Passwords.class.getName());

    /** bcrypt ignores what comes after this many bytes. */
    private static final int BCRYPT_BYTES = 72;
    private static final int BCRYPT_COST = 12;
    /** The parameters of StoreIT 0.2's own hashes: KiB, passes, lanes, bytes. */
    private static final int MEMORY = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    /** Hashes come in with archives too: one that asks for more than this (KiB, passes) is not computed. */
    private static final int MOST_MEMORY = 1 << 20;
    private static final int MOST_PASSES = 100;

    /** Of a random text: verified when there is no such user, so that the time an answer takes does not tell who exists. */
    private static final String NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$X5TEvUHlBTD15Zq53LOrMQ$32ajTnwO74R8oRmHQKF1IjVizbgq4tsZziRsr++E0vg";

    private Passwords() {
    }

    /** The hash to store for a new password. */
    public static String hash(String password) {
        if (password.getBytes(StandardCharsets.UTF_8).length <= BCRYPT_BYTES) {
            return BCrypt.hashpw(password, BCrypt.gensalt(BCRYPT_COST));
        }
        var argon2 = Argon2Function.getInstance(MEMORY, PASSES, LANES, HASH_BYTES, Argon2.ID);
        return Password.hash(password).addRandomSalt(SALT_BYTES).with(argon2).getResult();
    }

    /**
     * Whether the password is the one the hash was made of.
     *
     * @param hash as stored; null or a text that is no known hash fits no password
     */
    public static boolean matches(String password, String hash) {
        if (hash == null) {
            matches(password, NOBODY);
            return false;
        }
        try {
            if (hash.startsWith("$argon2")) {
                return matchesArgon2(password, hash);
            }
            if (hash.matches("\\$2[aby]\\$.*")) {
                // The three prefixes mean the same for hashes made without the errors they record; the library knows only the first.
                return BCrypt.checkpw(password, "$2a$" + hash.substring("$2a$".length()));
            }
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a stored password hash cannot be read, so nobody can log in with it: " + e.getMessage());
        }
        return false;
    }

    private static boolean matchesArgon2(String password, String hash) {
        // Not Password.check(…).withArgon2(): that ignores the parameters in the hash and uses the library's own.
        Argon2Function function = Argon2Function.getInstanceFromHash(hash);
        if (function.getMemory() > MOST_MEMORY || function.getIterations() > MOST_PASSES) {
            LOG.log(Level.WARNING, "a stored password hash asks for more memory or passes than this server spends, so nobody can log in with it");
            return false;
        }
        return Password.check(password, hash).with(function);
    }
}
