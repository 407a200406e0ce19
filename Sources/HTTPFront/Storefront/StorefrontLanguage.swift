import Yams

/// A language of the pages, with its texts: the same table that the scripts read.
enum StorefrontLanguage: String, CaseIterable {
    case en
    case zh

    /// - Parameters:
    ///   - asked: of the query's `lang`.
    ///   - accepted: the values of all `Accept-Language` headers.
    init(asked: Substring?, accepted: [String]) {
        self = asked.flatMap { StorefrontLanguage(rawValue: String($0)) } ?? Self.preferred(accepted) ?? .en
    }

    private static func preferred(_ accepted: [String]) -> StorefrontLanguage? {
        var best: (language: StorefrontLanguage, quality: Double)?
        for entry in accepted.lazy.flatMap({ $0.split(separator: ",") }) {
            let parts = entry.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard let language = parts.first.flatMap({ StorefrontLanguage(rawValue: String($0.prefix(2))) }), quality > best?.quality ?? 0 else {
                continue
            }
            best = (language, quality)
        }
        return best?.language
    }

    /// As `lang` of a document has it.
    var tag: String { self == .zh ? "zh-CN" : "en" }
    var other: StorefrontLanguage { self == .zh ? .en : .zh }

    /// The text of a key, as it stands between tags.
    func callAsFunction(_ key: String) -> String { HTMLDocument.text(texts[key] ?? key) }

    /// Every text by its key.
    var texts: [String: String] {
        switch self {
        case .en: Self.english
        case .zh: Self.chinese
        }
    }

    private static let english = table(PackageResources.en_js)
    private static let chinese = table(PackageResources.zh_js)

    /// The module of a language exports one object, which is JSON.
    private static func table(_ module: [UInt8]) -> [String: String] {
        let text = String(decoding: module, as: UTF8.self)
        guard
            let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}"),
            let mapping = (try? Yams.compose(yaml: String(text[open...close])))?.mapping
        else { fatalError("a table of the storefront's texts is no object") }
        return Dictionary(mapping.map { ($0.key.string ?? "", $0.value.string ?? "") }) { $1 }
    }
}
