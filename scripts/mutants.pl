#!/usr/bin/perl
# Tests the tests: switches off one guard after the other, and expects that a test fails. A guard whose removal nobody notices is named, and ends this with 1.
#
#   scripts/mutants.pl [NAME…]        the names stand in scripts/mutants.txt
#
# Changes files of this checkout and of its debug build, and puts them back; so it wants one without uncommitted changes.
#
# A build would take two minutes for each, because it looks at every module that stands on the changed one. Here the one file is compiled, by the build's own
# command, and linked: ten seconds. That is right as long as nothing changes but bodies of functions and what is embedded, which no other object file holds.
use strict;
use warnings;
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);

chdir dirname($0) . "/.." or die;
chomp(my $root = `pwd -P`);
die "error: there are uncommitted changes, which this might lose\n" if `git status --porcelain --untracked-files=no`;
system("swift build --build-tests") == 0 or exit 2;
my $manifest = contents(".build/debug.yaml");
my ($triple) = readlink(".build/debug") =~ m{([^/]+)/debug$};
my $build = "$root/.build/$triple/debug";

# What this changes, and where its copy is: with its times, so that the next build finds nothing new.
my (%kept, %jobs);
my $copies = tempdir(CLEANUP => 1);
$SIG{INT} = sub { exit 130 };
$SIG{TERM} = sub { exit 143 };
END { put_back() }

my $seconds = 300;
my ($noticed, $total, @unnoticed) = (0, 0);
for my $line (split /\n/, contents("scripts/mutants.txt")) {
    next if $line =~ /^(#|$)/;
    # Tests are as `swift test --filter` takes them: a bar is theirs.
    my ($name, $file, $text, $replacement, $tests) = split /\|/, $line, 5;
    next if @ARGV && !grep { $_ eq $name } @ARGV;
    $total++;
    my $source = contents($file);
    my $at = index $source, $text;
    die "error: mutant $name: $file does not hold: $text\n" if $at < 0;
    substr($source, $at, length $text) = $replacement;
    change($file, $source);
    if (!build($file)) {
        print "$name: DOES NOT BUILD\n";
        push @unnoticed, $name;
        put_back();
        next;
    }
    # Some tests wait for what does not come any more.
    my $output = output("timeout", $seconds, "swift", "test", "--skip-build", "--no-parallel", "--filter", $tests);
    my $status = $? >> 8;
    if ($status == 0) {
        print "$name: NOT NOTICED by $tests\n";
        push @unnoticed, $name;
    } else {
        my %failed = map { $_ => 1 } $output =~ /^✘ Test ("[^"]*"|[^ (]*).* recorded/mg;
        my @by = grep { defined } (sort keys %failed)[0 .. 1];
        @by = "a test that does not end" if !%failed && $status == 124;
        @by = "a crash" if !%failed && $output =~ /Fatal error|unexpected signal/;
        die "error: mutant $name: no test failed, but:\n$output" unless @by;
        $noticed++;
        print "$name: noticed by ", join(" ", @by), "\n";
    }
    put_back();
}
link_products();
print "$noticed of $total guards are noticed when they are missing\n";
exit(@unnoticed || !$total ? 1 : 0);

# Brings the changed file into what tests run.
sub build {
    my ($file) = @_;
    my $module = $file eq "schema.sql" ? "PostgresLedger" : (split m{/}, $file)[1];
    my $source = "$root/$file";
    if ($file !~ /\.swift$/) {
        # The constant that the build makes of a resource.
        (my $constant = basename($file)) =~ s/\W/_/g;
        my $bytes = join ",", unpack "C*", contents($file);
        $source = "$build/$module.build/DerivedSources/embedded_resources.swift";
        my $embedded = contents($source);
        $embedded =~ s/(static let \Q$constant\E: \[UInt8\] = \[)[0-9,]*/$1$bytes/ or die "error: $file is not embedded in $module\n";
        change($source, $embedded);
    }
    # Every file on its own, and all of them: the build's command asks which of them changed.
    $jobs{$module} //= output(
        (grep { !/^-(incremental|enable-batch-mode|v)$/ } arguments("C.$module-$triple-debug.module")), "-disable-batch-mode", "-driver-print-jobs");
    my ($job) = grep { /-primary-file '?\Q$source\E'? / } split /\n/, $jobs{$module} or die "error: $source is not compiled\n";
    my ($object) = $job =~ m{ -o '?(\S+?)'?(?: |$)};
    keep($object);
    return system($job) == 0 && link_products();
}

sub link_products {
    # The programs that tests run stand beside them.
    for my $step ("C.seckillPackageTests-$triple-debug.test", "C.seckill-$triple-debug.exe", "C.seckill-simulate-$triple-debug.exe") {
        my @link = ((grep { $_ ne "-v" } arguments($step)), "-use-ld=lld");
        return 0 if system(@link) != 0;
    }
    return 1;
}

# What the build runs for one of its steps.
sub arguments {
    my ($step) = @_;
    my ($text) = $manifest =~ /^  "\Q$step\E":\n(?:    (?!args).*\n)*    args: \[(.*)\]$/m or die "error: the build has no step $step\n";
    return map { s/\\(.)/$1/gr } $text =~ /"((?:[^"\\]|\\.)*)"/g;
}

sub keep {
    my ($file) = @_;
    my $copy = "$copies/" . keys %kept;
    system("cp", "-p", $file, $copy) == 0 or die "error: $file cannot be kept\n";
    $kept{$file} = $copy;
}

sub change {
    my ($file, $text) = @_;
    keep($file);
    open my $out, ">:raw", $file or die "error: $file: $!\n";
    print $out $text;
    close $out or die "error: $file: $!\n";
}

sub put_back {
    my $status = $?;
    system("cp", "-p", $kept{$_}, $_) for keys %kept;
    %kept = ();
    $? = $status;
}

sub contents {
    my ($file) = @_;
    open my $in, "<:raw", $file or die "error: $file: $!\n";
    local $/;
    return <$in>;
}

sub output {
    my $pid = open(my $in, "-|") // die "error: $!\n";
    if (!$pid) {
        open STDERR, ">&", \*STDOUT;
        exec @_ or exit 127;
    }
    local $/;
    my $text = <$in> // "";
    close $in;
    return $text;
}
