package io.storeit.ops.installation;

/**
 * Holds the pair that will be switched to.
 *
 * @param digest the digest that the new server has to report; null when none is compared, as after a rollback
 * @param changeToken the change token of the database at the switch; null when it has none
 * @param unreadablePhotos the number of unreadable photos in the rehearsal; -1 without a rehearsal
 */
public record Candidate(Pair pair, String digest, String changeToken, long unreadablePhotos) {
    Candidate withChangeToken(String token) {
        return new Candidate(pair, digest, token, unreadablePhotos);
    }

    public Candidate withUnreadablePhotos(long count) {
        return new Candidate(pair, digest, changeToken, count);
    }
}
