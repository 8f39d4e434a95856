package io.storeit.server.user;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mindrot.jbcrypt.BCrypt;

/**
 * Hashes and checks passwords: bcrypt for new ones, Argon2 for long ones and for those of StoreIT 0.1 and 0.2. Both are slow on
 * purpose (a tenth of a second and more, 19 MiB for Argon2), so callers limit how many run at once.
 */
public final class Passwords {
    private static final Logger LOG = System.getLogger(Passwords.class.getName());

    /** The bytes of a password that bcrypt uses. It ignores the rest. */
    private static final int BCRYPT_BYTES = 72;
    private static final int BCRYPT_COST = 12;
    private static final Pattern BCRYPT_HASH = Pattern.compile("\\$2[aby]\\$(\\d\\d\\$[./A-Za-z0-9]{53})");

    /** The parameters of StoreIT 0.2's own hashes. */
    private static final Cost OUR_COST = new Cost("id", 19, 19_456, 2, 1);
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final Pattern ARGON2_HASH = Pattern.compile(
            "\\$argon2(id|i|d)\\$v=(16|19)\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})\\$[A-Za-z0-9+/]{2,86}\\$[A-Za-z0-9+/]{2,86}");

    /**
     * The hash of an unknown text. It is verified when there is no such user, so that the time of an answer does not reveal who
     * exists.
     */
    private static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$X5TEvUHlBTD15Zq53LOrMQ$32ajTnwO74R8oRmHQKF1IjVizbgq4tsZziRsr++E0vh";

    /** The costs that {@link #affordable} has accepted so far. */
    private static final Set<Cost> KNOWN_COSTS = new HashSet<>();

    /** The cost of an Argon2 hash: memory in KiB, passes over it, lanes of threads. */
    private record Cost(String variant, int version, int memory, int passes, int lanes) {
        private static Cost of(Matcher hash) {
            return new Cost(hash.group(1), number(hash, 2), number(hash, 3), number(hash, 4), number(hash, 5));
        }

        private static int number(Matcher hash, int group) {
            return Integer.parseInt(hash.group(group));
        }
    }

    private Passwords() {
    }

    /** Computes the hash to store for a new password. */
    public static String hash(String password) {
        if (password.getBytes(StandardCharsets.UTF_8).length <= BCRYPT_BYTES) {
            return BCrypt.hashpw(password, BCrypt.gensalt(BCRYPT_COST));
        }
        var argon2 = Argon2Function.getInstance(
                OUR_COST.memory(), OUR_COST.passes(), OUR_COST.lanes(), HASH_BYTES, Argon2.ID, OUR_COST.version());
        return Password.hash(password).addRandomSalt(SALT_BYTES).with(argon2).getResult();
    }

    /**
     * Returns whether the hash was made from the password.
     *
     * @param hash the stored hash; null or an unknown kind of hash matches no password
     */
    public static boolean matches(String password, String hash) {
        if (hash == null) {
            matches(password, NOBODY);
            return false;
        }
        Matcher bcrypt = BCRYPT_HASH.matcher(hash);
        Matcher argon2 = ARGON2_HASH.matcher(hash);
        try {
            if (bcrypt.matches()) {
                // Hashes with any of the three prefixes are computed in the same way; the library knows only this one.
                return BCrypt.checkpw(password, "$2a$" + bcrypt.group(1));
            }
            if (argon2.matches() && affordable(Cost.of(argon2))) {
                // Password.check(…).withArgon2() would take the parameters from the library's settings instead of the hash.
                return Password.check(password, hash).with(Argon2Function.getInstanceFromHash(hash));
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, () -> "a stored password hash is malformed: " + e);
        }
        if (!argon2.matches()) {
            LOG.log(Level.WARNING, "a user's password hash is of an unknown kind; an administrator must set a new password");
        }
        return false;
    }

    /**
     * Returns whether this process has enough memory for such a hash. Hashes come from archives, and the library keeps the memory for
     * every combination of parameters it has met. So one huge hash or many different ones would use up the heap.
     */
    private static synchronized boolean affordable(Cost cost) {
        if (KNOWN_COSTS.contains(cost)) {
            return true;
        }
        long heap = Runtime.getRuntime().maxMemory() / 1024;
        long known = KNOWN_COSTS.stream().mapToLong(Cost::memory).sum();
        // A quarter of the heap stays allocated; each of the two checks that may run at once needs the memory of its hash again.
        if (known + cost.memory() > heap / 4 || cost.passes() > 100 || cost.lanes() > 16) {
            LOG.log(Level.WARNING, "a user's password hash needs more memory or time than this server has; "
                    + "an administrator must set a new password");
            return false;
        }
        return KNOWN_COSTS.add(cost);
    }
}
