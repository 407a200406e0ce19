import ArgumentParser

/// Measures the service against what else could sell, on private servers and on this machine.
@main
struct SeckillBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seckill-bench", abstract: "Measures the service against rivals, and how its costs grow.",
        discussion: """
            Exit: 0 measured, 1 a failure, 2 usage, 3 the machine was busy with something else, 99 answers or books were wrong, 130 interrupted.
            """,
        subcommands: [Compare.self, Growth.self, Pages.self, Streams.self], defaultSubcommand: Compare.self)
}
