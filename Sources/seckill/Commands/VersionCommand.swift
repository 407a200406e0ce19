import ArgumentParser
import ServerAssembly

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the version, the commit, and what it was built with.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        switch output.output {
        case .json: try JSONOutput.print(Build.current)
        case .ndjson: try JSONOutput.printLine(Build.current)
        case .yaml: try YAMLOutput.print(Build.current)
        case .name: Console.data(Build.current.version)
        case .table, .wide, .csv: Console.data(Self.text)
        }
    }

    static var text: String {
        let build = Build.current
        return "seckill \(build.version)\ncommit  \(build.commit)\nSwift   \(build.swift)\nschema  \(build.schema)"
    }
}
