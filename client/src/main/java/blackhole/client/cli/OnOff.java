package blackhole.client.cli;

/** The value of a switch that a user types. */
enum OnOff {
    on,
    off
}
