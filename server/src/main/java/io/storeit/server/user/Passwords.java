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
 * Password hashes: bcrypt for new passwords, Argon2 for the long ones and for those that came from StoreIT 0.1 and 0.2. Slow on
 * purpose (a tenth of a second and more, 19 MiB for Argon2), so callers bound how many run at once.
 */
public final class Passwords {
    private static final Logger LOG = System.getLogger(Passwords.class.getName());

    /** bcrypt ignores what comes after this many bytes. */
    private static final int BCRYPT_BYTES = 72;
    private static final int BCRYPT_COST = 12;
    private static final Pattern BCRYPT_HASH = Pattern.compile("\\$2[aby]\\$(\\d\\d\\$[./A-Za-z0-9]{53})");

    /** The parameters of StoreIT 0.2's own hashes. */
    private static final Cost OUR_COST = new Cost("id", 19, 19_456, 2, 1);
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final Pattern ARGON2_HASH = Pattern.compile(
            "\\$argon2(id|i|d)\\$v=(16|19)\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})\\$[A-Za-z0-9+/]{2,86}\\$[A-Za-z0-9+/]{2,86}");

    /** Of a text nobody knows: verified when there is no such user, so that the time an answer takes does not tell who exists. */
    private static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$X5TEvUHlBTD15Zq53LOrMQ$32ajTnwO74R8oRmHQKF1IjVizbgq4tsZziRsr++E0vh";

    /** What {@link #affordable} has let pass so far. */
    private static final Set<Cost> KNOWN_COSTS = new HashSet<>();

    /** What an Argon2 hash costs: memory in KiB, passes over it, lanes of threads. */
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

    /** The hash to store for a new password. */
    public static String hash(String password) {
        if (password.getBytes(StandardCharsets.UTF_8).length <= BCRYPT_BYTES) {
            return BCrypt.hashpw(password, BCrypt.gensalt(BCRYPT_COST));
        }
        var argon2 = Argon2Function.getInstance(
                OUR_COST.memory(), OUR_COST.passes(), OUR_COST.lanes(), HASH_BYTES, Argon2.ID, OUR_COST.version());
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
        Matcher bcrypt = BCRYPT_HASH.matcher(hash);
        Matcher argon2 = ARGON2_HASH.matcher(hash);
        try {
            if (bcrypt.matches()) {
                // Hashes of any of the three prefixes are made in the same way; the library knows only this one.
                return BCrypt.checkpw(password, "$2a$" + bcrypt.group(1));
            }
            if (argon2.matches() && affordable(Cost.of(argon2))) {
                // Not Password.check(…).withArgon2(): that takes the parameters from the library's settings instead of the hash.
                return Password.check(password, hash).with(Argon2Function.getInstanceFromHash(hash));
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, () -> "a stored password hash is malformed: " + e);
        }
        if (!argon2.matches()) {
            LOG.log(Level.WARNING, "a user's password hash is none that StoreIT knows; an administrator has to set a new password");
        }
        return false;
    }

    /**
     * Whether this process can pay for such a hash. Hashes come in with archives, and the library keeps the memory for every
     * combination of parameters it has ever met, so both one huge and many different ones would use up the heap.
     */
    private static synchronized boolean affordable(Cost cost) {
        if (KNOWN_COSTS.contains(cost)) {
            return true;
        }
        long heap = Runtime.getRuntime().maxMemory() / 1024;
        long known = KNOWN_COSTS.stream().mapToLong(Cost::memory).sum();
        // A quarter stays taken; each of the two checks that may run at once needs the memory of its hash again.
        if (known + cost.memory() > heap / 4 || cost.passes() > 100 || cost.lanes() > 16) {
            LOG.log(Level.WARNING, "a user's password hash asks for more memory or time than this server has; "
                    + "an administrator has to set a new password");
            return false;
        }
        return KNOWN_COSTS.add(cost);
    }
}
