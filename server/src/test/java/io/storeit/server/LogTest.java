package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|INFO", "info|INFO", "WARN|WARNING", "error|SEVERE", "off|OFF", "debug|FINE", "trace|FINEST", "nonsense|INFO",
        "storeit_server=debug|FINE", "warn,storeit_server=trace|FINEST", "hyper=debug|INFO", "hyper=debug,error|SEVERE"
    })
    void theFilterOfEarlierServersStillSetsTheLevel(String filter, String level) {
        assertThat(Log.level(filter)).isEqualTo(Level.parse(level));
    }
}
