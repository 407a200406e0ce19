import ArgumentParser
import ServerAssembly

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the version, the commit, and what it was built with.")

    @OptionGroup var output: ReportOptions

    func run() throws {
        try output.output.print(Build.current) { Console.data(Self.text) }
    }

    static var text: String {
        let build = Build.current
        return "seckill \(build.version)\ncommit  \(build.commit)\nSwift   \(build.swift)\nschema  \(build.schema)"
    }
}
