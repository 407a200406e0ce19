import ArgumentParser

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case wide
    case json
    case csv
    case ndjson
    case yaml
    case name
}

struct OutputOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "How to print: table, in 80 columns; wide, with every column; json, csv, ndjson, yaml or name.")
    var output: OutputFormat = .table
}

struct ReportOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "How to print: table, in 80 columns; wide; json, ndjson, on one line, or yaml.")
    var output: ReportFormat = .table
}

struct WriteOptions: ParsableArguments {
    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false
}
