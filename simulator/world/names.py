"""Made-up names of people, shops and products, and texts of reviews."""

from __future__ import annotations

FIRST_NAMES = (
    *("Anong", "Arthit", "Chai", "Kanya", "Malee", "Niran", "Ploy", "Somchai", "Suda", "Wichai"),
    *("Wei", "Mei", "Jun", "Hui", "Aisyah", "Farid", "Nurul", "Hafiz", "Siti", "Amir"),
    *("Maria", "Jose", "Angel", "Carlo", "Jasmine", "Budi", "Dewi", "Putri", "Agus", "Rizky"),
    *("Linh", "Minh", "Thao", "Huy", "Lan", "Emma", "Noah", "Olivia", "Liam", "Ava"),
)
LAST_NAMES = (
    *("Saetang", "Chaiyasit", "Boonmee", "Srisai", "Wongsa", "Tan", "Lim", "Lee", "Ng", "Wong"),
    *("Abdullah", "Ismail", "Rahman", "Santos", "Reyes", "Cruz", "Bautista", "Wijaya", "Saputra", "Lestari"),
    *("Nguyen", "Tran", "Le", "Pham", "Hoang", "Smith", "Johnson", "Garcia", "Miller", "Davis"),
)
SHOP_WORDS = ("Golden", "Happy", "Lotus", "Bright", "Ocean", "Mango", "Royal", "Jasmine", "Urban", "Tiger")
SHOP_KINDS = ("Store", "Mart", "House", "Official", "Trading", "Select", "Outlet", "Studio")
SUPPLIER_WORDS = (
    "Siam",
    "Mekong",
    "Andaman",
    "Lanna",
    "Eastern",
    "Pacific",
    "Straits",
    "Delta",
    "Summit",
    "Pearl",
)
SUPPLIER_KINDS = ("Manufacturing", "Supply", "Industries", "Imports", "Wholesale")
BRANDS = (
    *("Arunika", "Belmora", "Cendana", "Dawnly", "Everra", "Fennel", "Gajah", "Halora", "Indah", "Jarin"),
    *("Kitto", "Lunea", "Mirai", "Nesto", "Orchid", "Pavo", "Quill", "Rimba", "Sundara", "Tamarin"),
)
ADJECTIVES = (
    "Classic",
    "Compact",
    "Everyday",
    "Light",
    "Premium",
    "Soft",
    "Smart",
    "Travel",
    "Natural",
    "Pro",
)
COLOURS = ("black", "white", "blue", "red", "green", "sand")
SIZES = ("S", "M", "L", "XL", "one size")

CATEGORY_TREE: dict[str, dict[str, tuple[str, ...]]] = {
    "Electronics": {
        "Mobile": ("Chargers", "Phone Cases", "Power Banks"),
        "Audio": ("Earphones", "Speakers"),
        "Computing": ("Keyboards", "Storage"),
    },
    "Fashion": {
        "Women": ("Dresses", "Tops"),
        "Men": ("Shirts", "Trousers"),
        "Shoes and Bags": ("Sneakers", "Backpacks"),
    },
    "Beauty": {"Skin Care": ("Sunscreen", "Serum"), "Make-up": ("Lipstick", "Foundation")},
    "Home and Living": {"Kitchen": ("Cookware", "Storage Boxes"), "Bedroom": ("Bed Sheets", "Lamps")},
    "Groceries": {"Drinks": ("Coffee", "Tea"), "Snacks": ("Dried Fruit", "Nuts")},
    "Sports and Outdoors": {"Fitness": ("Yoga Mats", "Weights"), "Outdoor": ("Tents", "Water Bottles")},
    "Toys and Games": {"Toys": ("Building Blocks", "Plush Toys"), "Games": ("Board Games", "Puzzles")},
    "School and Office": {"Stationery": ("Notebooks", "Pens"), "School": ("School Bags", "Uniforms")},
}
"""Department, category, subcategory."""
LOCAL_DEPARTMENT_NAMES = {
    "Electronics": "อิเล็กทรอนิกส์",
    "Fashion": "แฟชั่น",
    "Beauty": "ความงาม",
    "Home and Living": "บ้านและไลฟ์สไตล์",
    "Groceries": "ของชำ",
    "Sports and Outdoors": "กีฬาและกิจกรรมกลางแจ้ง",
    "Toys and Games": "ของเล่นและเกม",
    "School and Office": "โรงเรียนและสำนักงาน",
}

REVIEW_TITLES = {1: "Disappointed", 2: "Not good", 3: "It is all right", 4: "Good", 5: "Love it"}
REVIEW_TEXTS: dict[int, tuple[str, ...]] = {
    1: ("Arrived far too late.", "Broken on arrival.", "Nothing like the picture."),
    2: ("Took long to arrive.", "Quality is poor for the price.", "Wrong colour."),
    3: ("Does what it should.", "Average, delivery was slow.", "Fine for the price."),
    4: ("Good quality, would buy again.", "Nice, packaging could be better.", "As described."),
    5: ("Perfect, and here before I expected it!", "Great value.", "My whole family wants one."),
}
REFERRERS = {
    "search": "https://www.google.com/",
    "social": "https://www.facebook.com/",
    "display": "https://ads.example.net/",
    "affiliate": "https://deals.example.org/",
    "email": "https://mail.example.com/",
    "push": "app://push",
    "influencer": "https://www.tiktok.com/",
    "marketplace_ads": "https://ads.example.com/",
}
UTM_SOURCES = {
    "search": "google",
    "social": "facebook",
    "display": "adnet",
    "affiliate": "deals",
    "email": "newsletter",
    "push": "app",
    "influencer": "tiktok",
    "marketplace_ads": "shopee",
}
ORGANIC_REFERRERS: tuple[str | None, ...] = (None, "https://www.google.com/", "https://www.bing.com/")
