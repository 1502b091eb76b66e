package blackhole.client.cli;

/** How the result is printed on standard output. */
enum Output {
    text,
    json
}
