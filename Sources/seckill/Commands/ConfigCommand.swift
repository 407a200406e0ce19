import ArgumentParser
import Foundation
import ServerAssembly

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and show the settings of this shell.", subcommands: [Check.self, Show.self])
}

/// All flags of settings.
struct EverySettingFlags: ParsableArguments {
    @OptionGroup var addresses: AddressFlags
    @OptionGroup var stores: StoreFlags
    @OptionGroup var auth: AuthFlags
    @OptionGroup var operators: OperatorFlags
    @OptionGroup var capacity: CapacityFlags
    @OptionGroup var pages: PageFlags
    @OptionGroup var events: EventFlags
    @OptionGroup var logs: LogFlags

    var overrides: [String: String] {
        let groups: [any SettingFlags] = [addresses, stores, auth, operators, capacity, pages, events, logs]
        return groups.reduce(into: [:]) { $0.merge($1.overrides) { $1 } }
    }
}

extension ConfigCommand {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether `seckill serve` would take the settings.",
            discussion:
                "Names, forms, files and keys; no server is asked, which `seckill doctor` does. Ends with 2 and names the setting if one is wrong.")

        @OptionGroup var flags: EverySettingFlags

        func run() async throws {
            let settings = try Settings.load(flags.overrides)
            do {
                try settings.requireUsable()
            } catch {
                throw CommandFailure(error, settings: settings)
            }
            Console.message("the settings are in order")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the settings that were given, their values, and where those are from.",
            discussion: "Secrets that were given are shown as ***.")

        @Flag(help: "Those that nobody has given, too; without it only what was given.")
        var effective = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var flags: EverySettingFlags

        func run() async throws {
            let all: [EffectiveSetting]
            do {
                all = try Settings.effective(environment: ProcessInfo.processInfo.environment, overrides: flags.overrides)
            } catch {
                throw CommandFailure(error)
            }
            try ListWriter.print(all.filter { effective || $0.source != .default }, output.output)
        }
    }
}

extension EffectiveSetting: Listed {
    static var plural: String { "settings" }
    static var columns: [Column<EffectiveSetting>] {
        [Column("name") { $0.name }, Column("value", isFlexible: true) { $0.value }, Column("source", "FROM") { $0.source.rawValue }]
    }
}
