package io.storeit.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestTest {

    @Test
    void aProxysOwnWordTellsTheAddressAndNotTheClientsBeforeIt() throws UnknownHostException {
        InetAddress proxy = InetAddress.getLoopbackAddress();

        assertThat(Request.address(proxy, Optional.of("203.0.113.9, 198.51.100.1"))).isEqualTo("198.51.100.1");
        assertThat(Request.address(proxy, Optional.of("198.51.100.1"))).isEqualTo("198.51.100.1");
    }

    @Test
    void anIpv6NetworkIsOneAddress() throws UnknownHostException {
        assertThat(address("2001:db8:1:2:3:4:5:6")).isEqualTo(address("2001:db8:1:2:ffff::1")).isNotEqualTo(address("2001:db8:1:3::1"));
        assertThat(address("192.0.2.1")).isNotEqualTo(address("192.0.2.2"));
    }

    private static String address(String text) throws UnknownHostException {
        return Request.address(InetAddress.getByName(text), Optional.empty());
    }
}
