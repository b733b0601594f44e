# What ./lcsc and ./benchmark share; they read this file, nobody runs it.
# They set: name (for messages), home (the source tree, or an unpacked distribution).

fail() {
  printf '%s: %s\n' "$name" "$1" >&2
  exit "${2:-1}"
}

# Sets java, and native, its options for native libraries. Its version is read without starting it where its release file names it.
find_java() {
  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    [ -x "$java" ] || fail "JAVA_HOME has no Java ($JAVA_HOME), allowed: the directory of a Java 17 or newer" 2
  else
    java=$(command -v java) || fail "found no java, allowed: Java 17 or newer on the PATH or in JAVA_HOME" 2
  fi
  real=$(readlink -f "$java" 2>/dev/null) || real=$java
  release=$(dirname "$(dirname "$real")")/release
  if [ -r "$release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\(.*\)".*/\1/p' "$release")
  else
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
  fi
  major=${version%%[!0-9]*}
  if [ "${major:-0}" -lt 17 ]; then
    fail "Java is too old or not recognised ($java, version ${version:-unknown}), allowed: 17 or newer" 2
  fi
  # Else Java 24 and later warn of native libraries, and of how JavaCPP reaches memory.
  native=--enable-native-access=ALL-UNNAMED
  [ "$major" -lt 23 ] || native="$native --sun-misc-unsafe-memory-access=allow"
}

# The newest: jars of earlier versions may lie beside it.
jar() {
  # shellcheck disable=SC2012
  ls -t "$target/$module"-*.jar 2>/dev/null |
    grep -v -e '-sources\.jar$' -e '-javadoc\.jar$' -e '-tests\.jar$' | head -n 1
}
# The tree's own jars as copies, named by their content: a build that rewrites them leaves a command that
# still works its classes. Where they cannot be copied, themselves.
class_path() {
  entries=$(jar; tr ':' '\n' <"$target/classpath")
  own=$(printf '%s\n' "$entries" | grep -F "$home/")
  copies=$target/launcher-jars/$(printf '%s\n' "$own" | tr '\n' '\0' | xargs -0 cksum | cksum | cut -d ' ' -f 1)
  if [ ! -d "$copies" ]; then
    # Commands that work have theirs open.
    find "$target/launcher-jars" -mindepth 1 -maxdepth 1 -mtime +0 -exec rm -rf {} + 2>/dev/null
    mkdir -p "$copies.$$" &&
      printf '%s\n' "$own" | tr '\n' '\0' | xargs -0 sh -c 'cp "$@" "$0"' "$copies.$$" &&
      mv "$copies.$$" "$copies"
  fi 2>/dev/null
  printf '%s\n' "$entries" | while IFS= read -r entry; do
    case $entry in
      "$home"/*) [ -f "$copies/${entry##*/}" ] && entry=$copies/${entry##*/} ;;
    esac
    printf '%s\n' "$entry"
  done | paste -s -d : -
}
newer_than() {
  [ -n "$(find "$home"/pom.xml "$home"/*/pom.xml "$home"/*/src/main -newer "$1" 2>/dev/null | head -n 1)" ]
}
# Maven leaves a jar alone whose content is the same, so the stamp counts as well as the jar.
outdated() {
  [ -s "$target/classpath" ] && [ -n "$(jar)" ] || return 0
  # A tree that was moved or copied still names its old place.
  grep -qF "$home/" "$target/classpath" || return 0
  ! newer_than "$(jar)" && return 1
  [ -f "$stamp" ] && ! newer_than "$stamp" && return 1
  return 0
}
# Maven's output line by line, its exit code last.
maven() {
  MAVEN_OPTS=${MAVEN_OPTS:--XX:TieredStopAtLevel=1 -XX:+UseSerialGC} \
    "$mvn" -B -Dstyle.color=never -DskipTests -Dspotless.apply.skip=true \
    -f "$home/pom.xml" -pl "$module" -am package 2>&1
  printf '\nexit code %s\n' $?
}
say_what_maven_does() {
  downloads=
  result=1
  while IFS= read -r line; do
    case $line in
      *"Building "*" ["*/*"]")
        # Unquoted: without the columns' spaces.
        echo "$name: compiling" ${line##*Building }
        ;;
      *"Downloading from "*)
        [ -n "$downloads" ] || echo "$name: downloading libraries of Maven Central into ~/.m2, 295 MB where it has none of them" \
          "(ND4J 94 MB, ONNX Runtime 43 MB; below: those above 1 MB) ..."
        downloads=yes
        ;;
      *"Downloaded from "*" MB at "*)
        size=${line##*(}
        line=${line%% (*}
        echo "$name: downloaded ${line##*/} (${size%% at *})"
        ;;
      *"[ERROR]"*) printf '%s\n' "$line" ;;
      "exit code "*) result=${line##* } ;;
    esac
  done
  return "$result"
}
build() {
  outdated || return 0
  # Without one of the user's own, the wrapper downloads Maven.
  mvn=$(command -v mvn) || mvn=$home/mvnw
  echo "$name: building (once, and after each change of the sources) ..." >&2
  # Touched before the build: a source changed meanwhile is built the next time.
  : >"$stamp.new"
  maven | say_what_maven_does >&2 || fail "the build failed, see above"
  mv -f "$stamp.new" "$stamp"
}
# Builds a module and those it needs, where it is missing or older than the sources.
build_module() {
  module=$1
  target=$home/$module/target
  stamp=$target/launcher-built
  outdated || return 0
  [ -d "$home/$module/src" ] || fail "$home is not the source tree of lcsc"
  mkdir -p "$target" || fail "cannot write $target"
  if command -v flock >/dev/null; then
    # Two commands at once must not build into the same directory.
    (flock 9 && build) 9>"$home/.launcher-lock" || exit 1
  else
    build
  fi
}

# Sets a variable for Java alone: commands that Java starts get the user's own environment, by these two.
set_for_java() {
  case " ${LCSC_SET:-} " in
    *" $1 "*) ;; # by a launcher that started this one
    *)
      eval "user=\${$1-}"
      if [ -n "$user" ]; then
        export "LCSC_USER_$1=$user"
      fi
      LCSC_SET="${LCSC_SET:-} $1"
      ;;
  esac
  export LCSC_SET "$1=$2"
}

# Sets what libraries read from the environment.
prepare_environment() {
  # Native threads that wait for the next loop for milliseconds keep each other from a shared core.
  if [ -z "${OMP_WAIT_POLICY:-}${GOMP_SPINCOUNT:-}" ]; then
    set_for_java GOMP_SPINCOUNT 1000
  fi
  # Without a locale, with C, or with one that is not installed, Java cannot name files beyond ASCII.
  case $(locale charmap 2>/dev/null || echo none) in
    ANSI_X3.4-1968 | US-ASCII | 646 | none)
      set_for_java LC_ALL C.UTF-8
      ;;
  esac
  # Later releases of ONNX Runtime than ours report their use.
  set_for_java ORT_DISABLE_TELEMETRY 1
  # Java reserves far more addresses than memory; too few end in a crash within native code.
  addresses=$(ulimit -v 2>/dev/null) || addresses=unlimited
  case $addresses in
    *[!0-9]* | '') ;;
    *)
      [ "$addresses" -ge 6291456 ] || fail "too little address space (ulimit -v $addresses), allowed: unlimited, or 6291456 (KiB) and more; LCSC_JAVA_OPTS=-Xmx1g limits memory" 2
      ;;
  esac
}
