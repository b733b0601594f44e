# The distribution's tar.gz, built from this directory, on a Java run-time environment.
#   docker build -t lcsc .
#   docker run --rm -v "$PWD:/work" lcsc train /opt/lcsc/examples/digits-ddpm.yaml
FROM eclipse-temurin:21-jdk AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends curl unzip && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN ./mvnw -B -Prelease -DskipTests -Dspotless.apply.skip -Dmaven.javadoc.skip -Dmaven.source.skip \
      -pl distribution -am package \
    && mkdir /opt/lcsc \
    && tar -xzf distribution/target/lcsc-*.tar.gz -C /opt/lcsc --strip-components=1

FROM eclipse-temurin:21-jre
# Fonts: plots and labels of sample grids are drawn by Java.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home lcsc \
    && install -d -o lcsc /work
COPY --from=build /opt/lcsc /opt/lcsc
USER lcsc
WORKDIR /work
ENTRYPOINT ["/opt/lcsc/lcsc"]
