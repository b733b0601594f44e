@echo off
rem Runs the lcsc command line of this directory. The variables it reads are those of the script lcsc.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "native=--enable-native-access=ALL-UNNAMED"
"%java%" %native% -version >nul 2>nul || (
  echo lcsc: found no Java of version 17 or newer, allowed: one on the PATH or in JAVA_HOME 1>&2
  exit /b 2
)
rem Java 23 and later know this option, and else warn of how JavaCPP reaches memory.
set "unsafe=--sun-misc-unsafe-memory-access=allow"
"%java%" %unsafe% -version >nul 2>nul && set "native=%native% %unsafe%"
if not defined LCSC_JAVA_OPTS set "LCSC_JAVA_OPTS=-Xmx2g -XX:+UseSerialGC"
rem LCSC_SET and LCSC_USER_...: as set_for_java of the script launch.sh.
set "LCSC_SET=CLASSPATH"
if not defined ORT_DISABLE_TELEMETRY (
  set "ORT_DISABLE_TELEMETRY=1"
  set "LCSC_SET=%LCSC_SET% ORT_DISABLE_TELEMETRY"
)
if not defined OMP_WAIT_POLICY if not defined GOMP_SPINCOUNT (
  set "GOMP_SPINCOUNT=1000"
  set "LCSC_SET=%LCSC_SET% GOMP_SPINCOUNT"
)
if defined CLASSPATH set "LCSC_USER_CLASSPATH=%CLASSPATH%"
set "CLASSPATH=%~dp0lib\lcsc.jar"
if defined LCSC_CLASSPATH set "CLASSPATH=%LCSC_CLASSPATH%;%CLASSPATH%"
rem The optimising compiler is for what is called often, as in the script lcsc.
set "compiler=-XX:Tier4InvocationThreshold=50000 -XX:Tier4CompileThreshold=100000 -XX:Tier4BackEdgeThreshold=4000000"
"%java%" %native% %compiler% -XX:-UsePerfData ^
  %LCSC_JAVA_OPTS% -Djava.awt.headless=true -Dfile.encoding=UTF-8 ^
  -Dorg.bytedeco.javacpp.maxphysicalbytes=0 org.lcsc.cli.Main %*
exit /b %ERRORLEVEL%
