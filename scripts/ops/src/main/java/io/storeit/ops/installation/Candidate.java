package io.storeit.ops.installation;

/**
 * The pair that is going to be put in place.
 *
 * @param digest what the new server has to report; null when nothing is compared, as after a rollback
 * @param changeToken of the database when it is put in place; null when it has none
 * @param unreadablePhotos how many photos could not be read in the rehearsal; -1 when there was none
 */
public record Candidate(Pair pair, String digest, String changeToken, long unreadablePhotos) {
    public Candidate withChangeToken(String token) {
        return new Candidate(pair, digest, token, unreadablePhotos);
    }

    public Candidate withUnreadablePhotos(long count) {
        return new Candidate(pair, digest, changeToken, count);
    }
}
