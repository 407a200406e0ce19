import ArgumentParser

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

struct OutputOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "How to print: table or json.")
    var output: OutputFormat = .table
}

struct WriteOptions: ParsableArguments {
    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false
}
