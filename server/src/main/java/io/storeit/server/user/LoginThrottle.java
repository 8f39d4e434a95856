package io.storeit.server.user;

import io.storeit.server.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down the guessing of passwords. Each user name and each address has a stock of failed logins, which grows back with time.
 * While a stock is used up, logins are refused without checking the password. A successful login costs nothing. The stocks are
 * kept in memory only, and for unknown names too, so that a refusal reveals nothing.
 */
final class LoginThrottle {
    /** Permits ten wrong guesses in a row, then two a minute. */
    private static final Stock PER_NAME = new Stock(10, Duration.ofSeconds(30));
    /**
     * Permits more failures than a household behind one address causes. All clients of a proxy that does not forward addresses
     * share one.
     */
    private static final Stock PER_ADDRESS = new Stock(100, Duration.ofSeconds(3));
    /** Limits the remembered names and, separately, addresses; the least recently used is forgotten first. */
    private static final int REMEMBERED = 10_000;

    /**
     * Limits the characters of a name or an address that are kept, because a client sends any text. Longer ones with the same
     * beginning share a stock.
     */
    private static final int KEPT = 200;

    /**
     * @param size     the failures in a full stock
     * @param regrowth the time in which one failure comes back
     */
    private record Stock(int size, Duration regrowth) {}

    private final InstantSource clock;
    /** The times when the stocks will be full again. */
    private final Map<String, Instant> names = new Remembered();
    private final Map<String, Instant> addresses = new Remembered();

    LoginThrottle(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Counts a login as failed before its password is checked, so that many at the same time cannot exceed the limit.
     *
     * @throws Problem TOO_MANY_REQUESTS when the stock of the name or of the address is used up
     */
    synchronized void begin(String name, String address) {
        Instant now = clock.instant();
        Instant nameFull = afterOneMore(names.get(key(name)), PER_NAME, now);
        Instant addressFull = afterOneMore(addresses.get(key(address)), PER_ADDRESS, now);
        names.put(key(name), nameFull);
        addresses.put(key(address), addressFull);
    }

    /** Reverts what {@link #begin} counted, because the password was right. The name has its whole stock again. */
    synchronized void succeeded(String name, String address) {
        names.remove(key(name));
        addresses.computeIfPresent(key(address), (key, full) -> full.minus(PER_ADDRESS.regrowth()));
    }

    private static String key(String text) {
        return text.length() <= KEPT ? text : text.substring(0, KEPT);
    }

    private static Instant afterOneMore(Instant full, Stock stock, Instant now) {
        Instant later = (full == null || full.isBefore(now) ? now : full).plus(stock.regrowth());
        Duration missing = Duration.between(now, later);
        Duration most = stock.regrowth().multipliedBy(stock.size());
        if (missing.compareTo(most) > 0) {
            long seconds = Math.max(1, missing.minus(most).toSeconds() + 1);
            throw Problem.tooManyRequests("too many failed logins, try again in " + seconds + " seconds", seconds);
        }
        return later;
    }

    private static final class Remembered extends LinkedHashMap<String, Instant> {
        private static final long serialVersionUID = 1;

        private Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > REMEMBERED;
        }
    }
}
