package blackhole.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void percentileIsTheValueOfItsRank() {
        Samples samples = new Samples();
        for (int i = 100; i >= 1; i--) {
            samples.add(i);
        }

        assertThat(samples.percentile(50)).isEqualTo(50);
        assertThat(samples.percentile(99)).isEqualTo(99);
        assertThat(samples.percentile(99.9)).isEqualTo(100);
        assertThat(samples.max()).isEqualTo(100);
        assertThat(samples.percentile(0)).isEqualTo(1);
        assertThat(new Samples().percentile(50)).isNaN();
    }
}
