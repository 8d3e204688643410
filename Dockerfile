# The vgae command alone, in two stages.
#
#     docker build --build-arg VGAE_COMMIT="$(git rev-parse HEAD)" -t vgae .
#     docker run --rm --user "$(id -u)" -v "$PWD":/data vgae run mine.toml
#
# Besides the two base images the build reads from the registry of crates only. Downloaded datasets are kept in the
# folder /cache; mount one to keep them.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
ARG VGAE_COMMIT=""
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN mkdir -m 1777 /cache /data
COPY --from=build /source/target/release/vgae /usr/local/bin/vgae
COPY LICENSE-MIT LICENSE-APACHE /usr/local/share/doc/vgae/
ENV VGAE_CACHE=/cache
WORKDIR /data
USER 65534
ENTRYPOINT ["vgae"]
CMD ["--help"]
