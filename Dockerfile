# The images: `proxy`, `client`, and `redirect`, which is the proxy with nft, for setting the rules of transparent mode.
#
#   mvn -DskipTests package
#   docker build --target proxy --tag blackhole-proxy .
#
# Any base image will do that has bash and a JRE 17+ named java; `redirect` also needs apt.
ARG BASE=eclipse-temurin:21.0.11_10-jre-jammy

FROM ${BASE} AS runtime
RUN groupadd --gid 1337 blackhole \
    && useradd --uid 1337 --gid 1337 --no-create-home --shell /usr/sbin/nologin blackhole
USER 1337:1337

# The middlebox. It needs Linux and no privileges: the ports of its routes must be above 1023.
FROM runtime AS proxy
COPY deploy/health proxy/target/blackhole-proxy.jar /opt/blackhole/
# Where the health check asks. From outside the container: 0.0.0.0:8080, which requires BLACKHOLE_ADMIN_TOKEN_FILE.
ENV BLACKHOLE_ADMIN=127.0.0.1:8080
HEALTHCHECK --interval=2s --timeout=2s --start-period=20s --retries=3 CMD ["/opt/blackhole/health"]
ENTRYPOINT ["java", "-jar", "/opt/blackhole/blackhole-proxy.jar"]

# The Kafka producer that shows the stall and the fix.
FROM runtime AS client
COPY client/target/blackhole-client.jar /opt/blackhole/
ENTRYPOINT ["java", "-jar", "/opt/blackhole/blackhole-client.jar"]

# Sets the rules of transparent mode, which takes NET_ADMIN and nothing else: an init container of the sidecar in
# deploy/kubernetes.
FROM proxy AS redirect
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nftables \
    && rm -rf /var/lib/apt/lists/*
HEALTHCHECK NONE
ENTRYPOINT ["java", "-jar", "/opt/blackhole/blackhole-proxy.jar", "redirect"]
